/** Which field each column feeds, as the wizard holds it; pure. */

import type { ImportLook } from "../../../api/types";

export type Kind = ImportLook["kinds"][number];
/** Column to field; a column that feeds none is absent. */
export type Chosen = Readonly<Record<string, string>>;

/** Guesses this sure are chosen before a person looks. */
export const CERTAIN = 0.5;

export function proposed(look: ImportLook): Chosen {
  return Object.fromEntries(
    look.columns.flatMap((c) => (c.field && c.confidence >= CERTAIN ? [[c.column, c.field] as const] : [])),
  );
}

/** What a saved mapping says, over what was proposed. */
export function fromSaved(map: Readonly<Record<string, string>>, before: Chosen): Chosen {
  const named = new Set(Object.keys(map));
  const kept = Object.entries(before).filter(
    ([column, field]) => !named.has(field) && !Object.values(map).includes(column),
  );
  return Object.fromEntries([...kept, ...Object.entries(map).flatMap(([f, c]) => (c ? [[c, f] as const] : []))]);
}

/** Give a column a field; another column that had it loses it. */
export function withField(chosen: Chosen, column: string, field: string | null): Chosen {
  const rest = Object.entries(chosen).filter(([c, f]) => c !== column && f !== field);
  return Object.fromEntries(field ? [...rest, [column, field]] : rest);
}

/** As the server takes it: every field of the kind, empty where no column feeds it, so that nothing is guessed again. */
export function asMap(chosen: Chosen, kind: Kind): Record<string, string> {
  const none = Object.fromEntries(kind.fields.map((field) => [field, ""]));
  return { ...none, ...Object.fromEntries(Object.entries(chosen).map(([column, field]) => [field, column])) };
}

const WHO = ["customer_id", "member_card", "email", "phone", "device_id", "anonymous_id", "openid", "unionid"];

/** Groups of fields of which one is needed and none is fed. */
export function lacking(chosen: Chosen, kind: Kind): string[][] {
  const has = new Set(Object.values(chosen));
  const groups = kind.who ? [...kind.needs, WHO.filter((f) => kind.fields.includes(f))] : kind.needs;
  return groups.filter((group) => !group.some((field) => has.has(field)));
}

/** An id for a saved mapping from a name: letters, digits and dashes. */
export function slug(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/\.[a-z0-9]+$/, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return (plain || "mapping").slice(0, 60);
}
