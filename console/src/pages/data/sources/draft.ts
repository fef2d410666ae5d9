/** What is being filled in for a source, and the document and secrets it makes. */

import type { Connector, Source, SourceAsked, SourceDocument } from "../../../api/sources";
import type { Language } from "../../../lib/format";
import type { Values } from "../../../ui/SchemaForm";

export type When = "every" | "at" | "hand";

export interface Draft {
  connector: string;
  name: string;
  id: string;
  settings: Values;
  kind: string;
  map: Record<string, string>;
  when: When;
  every: string;
  at: string;
}

export function plainId(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
}

export const idOf = (draft: Draft): string => draft.id || plainId(draft.name);

const EMPTY: Draft = {
  connector: "",
  name: "",
  id: "",
  settings: {},
  kind: "",
  map: {},
  when: "every",
  every: "15m",
  at: "03:00",
};

function whenOf(schedule: SourceDocument["schedule"]): When {
  if (schedule?.at) return "at";
  return schedule?.every ? "every" : "hand";
}

/** A new draft, or one of a source that is there; secrets are not in it. */
export function draftOf(of: Source | undefined, name: string): Draft {
  if (!of) return EMPTY;
  const document = of.document as SourceDocument;
  const hidden = Object.keys(of.secrets);
  return {
    ...EMPTY,
    connector: of.connector,
    name,
    id: of.id,
    settings: Object.fromEntries(Object.entries(document.settings).filter(([field]) => !hidden.includes(field))),
    kind: document.as ?? "",
    map: document.map ?? {},
    when: whenOf(document.schedule),
    every: document.schedule?.every ?? EMPTY.every,
    at: document.schedule?.at ?? EMPTY.at,
  };
}

function scheduleOf(draft: Draft, connector: Connector): SourceDocument["schedule"] {
  if (connector.way !== "asked" || draft.when === "hand") return {};
  return draft.when === "every" ? { every: draft.every } : { at: draft.at };
}

/** What is sent: the document without secrets, and the secrets that were typed. */
export function askedOf(draft: Draft, connector: Connector, language: Language, of?: Source): SourceAsked {
  const before = of?.document as SourceDocument | undefined;
  const isHidden = ([field]: [string, unknown]) => connector.secrets.includes(field);
  const typed = Object.entries(draft.settings);
  const document: SourceDocument = {
    ...before,
    kind: "source",
    id: idOf(draft),
    name: { ...before?.name, [language]: draft.name },
    connector: connector.name,
    settings: {
      ...Object.fromEntries(typed.filter((pair) => !isHidden(pair))),
      ...Object.fromEntries(Object.entries(before?.settings ?? {}).filter(isHidden)),
    },
    map: draft.map,
    schedule: scheduleOf(draft, connector) ?? {},
  };
  if (draft.kind) document.as = draft.kind;
  const secrets = typed.filter((pair): pair is [string, string] => isHidden(pair) && typeof pair[1] === "string");
  return { document, secrets: Object.fromEntries(secrets) };
}

/** The mapping once a person says that a column feeds a field, or none. */
export function remapped(
  map: Record<string, string>,
  column: string,
  fed: string | null | undefined,
  field: string | null,
): Record<string, string> {
  const next = Object.fromEntries(Object.entries(map).filter(([other, from]) => from !== column && other !== field));
  if (field) next[field] = column;
  else if (fed) next[fed] = "";
  return next;
}
