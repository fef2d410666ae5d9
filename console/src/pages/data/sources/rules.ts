/** The rules of a source as their form holds them. */

export const ROW_RULES = ["required", "range", "set", "pattern", "unique", "reference"] as const;
export const STREAM_RULES = ["freshness", "volume"] as const;
export const RULES = [...ROW_RULES, ...STREAM_RULES] as const;
export type RuleKind = (typeof RULES)[number];

export interface Rule {
  rule: RuleKind;
  event?: string;
  field?: string;
  then?: "refuse" | "warn";
  min?: number | null;
  max?: number | null;
  values?: (string | number | boolean)[];
  pattern?: string;
  within?: string;
  to?: "products" | "orders";
  weeks?: number;
  limit?: number;
}

export interface RulesDocument {
  kind: "rules";
  id: string;
  name: { en?: string; zh?: string } | string;
  source: string;
  rules?: Rule[];
  [more: string]: unknown;
}

const OWN: Record<RuleKind, Partial<Rule>> = {
  required: {},
  range: { min: null, max: null },
  set: { values: [] },
  pattern: { pattern: "" },
  unique: { within: "day" },
  reference: { to: "products" },
  freshness: { within: "1d" },
  volume: { weeks: 8, limit: 3.5 },
};

export const looksAtRows = (kind: RuleKind) => (ROW_RULES as readonly string[]).includes(kind);

/** A rule of another kind, with what both kinds have in common. */
export function asKind(kind: RuleKind, rule: Rule): Rule {
  const shared = looksAtRows(kind) ? { field: rule.field ?? "", then: rule.then ?? "warn" } : {};
  return { rule: kind, event: rule.event ?? "", ...shared, ...OWN[kind] };
}

/** What is not filled in yet; empty when the rule can be saved. */
export function lacking(rule: Rule): "field" | "bounds" | "values" | "pattern" | null {
  if (looksAtRows(rule.rule) && !rule.field) return "field";
  if (rule.rule === "range" && rule.min == null && rule.max == null) return "bounds";
  if (rule.rule === "set" && !rule.values?.length) return "values";
  if (rule.rule === "pattern" && !rule.pattern) return "pattern";
  return null;
}

/** The rule as a document has it: without what says nothing. */
export function written(rule: Rule): Rule {
  const kept = Object.entries(rule).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return Object.fromEntries(kept) as unknown as Rule;
}
