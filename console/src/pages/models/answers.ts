/** What the form of a model asks, and the document that its answers make, there and back. */

import type { Kind } from "../../api/models";
import type { Bi } from "../../api/types";

export interface Answers {
  name: string;
  id: string;
  seed_segment?: string;
  among?: string;
  families?: string[];
  lookback: string;
  k?: number | null;
  item?: string;
  basket?: string;
  min_support?: number;
  max_items?: number;
  about?: "segment" | "trait";
  segment?: string;
  trait?: string;
  value?: string;
  horizon?: string | null;
  new_only?: boolean;
  model?: string;
}

const typed = (text: string | undefined) => {
  if (text === "true" || text === "false") return text === "true";
  return text && !Number.isNaN(Number(text)) ? Number(text) : text;
};

export type Document = Record<string, unknown>;

/** The document that the answers make. */
export function documentOf(kind: Kind, a: Answers): Document {
  const all = { kind, id: a.id, name: { en: a.name, zh: a.name }, ...(a.among ? { among: a.among } : {}) };
  if (kind === "association") {
    const { item, basket, min_support, max_items, lookback } = a;
    return { ...all, item, basket, min_support: (min_support ?? 1) / 100, max_items, lookback };
  }
  const features = { lookback: a.lookback, ...(a.families?.length ? { families: a.families } : {}) };
  if (kind === "lookalike") return { ...all, features, seed_segment: a.seed_segment };
  if (kind === "clustering") return { ...all, features, ...(a.k ? { k: a.k } : {}) };
  const label = a.about === "trait" ? { trait: a.trait, value: typed(a.value) } : { segment: a.segment };
  return {
    ...all,
    features,
    label,
    model: a.model,
    new_only: a.new_only,
    ...(a.horizon ? { horizon: a.horizon } : {}),
  };
}

/** What the form leaves open when it is left open: absent from the document, the server's own choice. */
const OPEN = ["among", "k", "horizon"];
type Features = { families?: string[]; lookback?: string };

/** The answers that made a document, for the form to begin with. */
export function answersOf(kind: Kind, document: Document, language: "en" | "zh"): Partial<Answers> {
  const name = document.name as Bi;
  const { lookback, families } = (document.features ?? {}) as Features;
  const all = {
    name: name[language] || name.en,
    id: String(document.id),
    among: document.among as string | undefined,
    lookback: (document.lookback as string | undefined) ?? lookback ?? "365d",
  };
  if (kind === "association") {
    const { item, basket, min_support, max_items } = document as unknown as Answers;
    return { ...all, item, basket, max_items, min_support: percent(min_support ?? 0.01) };
  }
  const learned = { ...all, families };
  if (kind === "lookalike") return { ...learned, seed_segment: document.seed_segment as string };
  if (kind === "clustering") return { ...learned, k: document.k as number | undefined };
  const { segment, trait, value } = document.label as {
    segment?: string;
    trait?: string;
    value?: string | number | boolean | null;
  };
  return {
    ...learned,
    about: trait ? "trait" : "segment",
    segment: segment ?? undefined,
    trait: trait ?? undefined,
    value: value === undefined || value === null ? undefined : String(value),
    horizon: document.horizon as string | undefined,
    new_only: (document.new_only as boolean | undefined) ?? true,
    model: (document.model as string | undefined) ?? "logistic",
  };
}

const percent = (part: number) => Number((part * 100).toFixed(6));

/** The document as the form changed it: what the form does not ask stays, what it was left without goes. */
export function changedOf(kind: Kind, before: Document, a: Answers, language: "en" | "zh"): Document {
  const made = documentOf(kind, a);
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => !OPEN.includes(name)));
  const was = before.name as Bi;
  const name = was.en === was.zh ? made.name : { ...was, [language]: a.name };
  if (!made.features) return { ...kept, ...made, name };
  const old = { ...(before.features as Features | undefined) };
  delete old.families;
  const label = before.label as Document | undefined;
  const same = label && made.label && label.trait && label.trait === (made.label as Document).trait;
  return {
    ...kept,
    ...made,
    name,
    features: { ...old, ...(made.features as Features) },
    ...(same ? { label: { ...label, ...(made.label as Document) } } : {}),
  };
}

/** Where in the form stands what the server refuses, by the path in the document; null: nowhere. */
export function askedAt(field: string | null | undefined): keyof Answers | null {
  const last = (field ?? "").split(".").filter(Boolean).at(-1) ?? "";
  return FIELDS.find((one) => one === last) ?? null;
}

const FIELDS = [
  "name",
  "id",
  "seed_segment",
  "among",
  "families",
  "lookback",
  "k",
  "item",
  "basket",
  "min_support",
  "max_items",
  "segment",
  "trait",
  "value",
  "horizon",
  "new_only",
  "model",
] as const;
