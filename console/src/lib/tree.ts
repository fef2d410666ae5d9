/** Edits a condition tree by path, never in place. A path is the list of child positions from the root. */

import type { Catalogue, Clock, Condition, Happening, ValueType, Where } from "../api/types";

export type Path = readonly number[];
export type Kind = Condition["type"];

export const EVERYBODY: Condition = { type: "all", of: [] };

export function isGroup(tree: Condition): tree is Extract<Condition, { of: Condition[] }> {
  return tree.type === "all" || tree.type === "any";
}

export function childrenOf(tree: Condition): Condition[] {
  if (isGroup(tree)) return tree.of;
  return tree.type === "not" ? [tree.of] : [];
}

/** Put `change(node)` where the path leads; the rest of the tree is shared, not copied. */
export function edit(tree: Condition, path: Path, change: (node: Condition) => Condition): Condition {
  const [position, ...rest] = path;
  if (position === undefined) return change(tree);
  if (tree.type === "not") return { ...tree, of: edit(tree.of, rest, change) };
  if (!isGroup(tree)) return tree;
  return { ...tree, of: tree.of.map((child, index) => (index === position ? edit(child, rest, change) : child)) };
}

/** Take a node out. A `not` that loses its only child goes with it; the root becomes "everybody". */
export function remove(tree: Condition, path: Path): Condition {
  const position = path.at(-1);
  if (position === undefined) return EVERYBODY;
  const parentPath = path.slice(0, -1);
  const parent = at(tree, parentPath);
  if (parent?.type === "not") return remove(tree, parentPath);
  return edit(tree, parentPath, (node) =>
    isGroup(node) ? { ...node, of: node.of.filter((_, index) => index !== position) } : node,
  );
}

export function at(tree: Condition, path: Path): Condition | undefined {
  return path.reduce<Condition | undefined>((node, position) => node && childrenOf(node)[position], tree);
}

export function append(tree: Condition, path: Path, child: Condition): Condition {
  return edit(tree, path, (node) => (isGroup(node) ? { ...node, of: [...node.of, child] } : node));
}

/** Put a copy of a node right behind it. */
export function duplicate(tree: Condition, path: Path): Condition {
  const position = path.at(-1);
  if (position === undefined) return tree;
  return edit(tree, path.slice(0, -1), (node) =>
    isGroup(node) ? { ...node, of: node.of.flatMap((one, index) => (index === position ? [one, one] : [one])) } : node,
  );
}

/** Say the opposite: wrap in `not`, or unwrap one. */
export function negate(tree: Condition, path: Path): Condition {
  return edit(tree, path, (node) => (node.type === "not" ? node.of : { type: "not", of: node }));
}

/** The builder always edits a group; a bare leaf becomes a group of one. */
export function rooted(tree: Condition): Condition {
  return isGroup(tree) ? tree : { type: "all", of: [tree] };
}

const NO_VALUE = new Set(["exists", "not_exists"]);
const MANY = new Set(["in", "not_in"]);

export function takesValue(op: string): boolean {
  return !NO_VALUE.has(op);
}

export function takesMany(op: string): boolean {
  return MANY.has(op);
}

/** Keep the value usable when the operator changes: a list for `in`, one value else, none for `exists`. */
export function fitValue(value: unknown, op: string): unknown {
  if (!takesValue(op)) return undefined;
  if (takesMany(op)) return Array.isArray(value) ? value : value === undefined || value === "" ? [] : [value];
  return Array.isArray(value) ? (value[0] as unknown) : value;
}

export function firstValue(type: ValueType): unknown {
  if (type === "number") return 0;
  return type === "boolean" ? true : "";
}

type Did = Extract<Condition, { type: "did" }>;
type Property = Catalogue["events"][number]["properties"][number];

/** Measure something else: a count knows no property, a sum one that is a number, the first and the last any. */
export function measured(node: Did, measure: NonNullable<Did["measure"]>, properties: readonly Property[]): Did {
  if (measure === "count") return { ...node, measure, property: undefined, op: "gte", value: 1 };
  if (measure === "sum") {
    const numbers = properties.filter((one) => one.type === "number").map((one) => one.name);
    const property = numbers.find((name) => name === node.property) ?? numbers[0] ?? "revenue";
    return { ...node, measure, property, op: "gte", value: typeof node.value === "number" ? node.value : 0 };
  }
  if (node.measure === "first" || node.measure === "last") return { ...node, measure };
  return valued({ ...node, measure }, node.property ?? properties[0]?.name ?? "", properties);
}

/** Compare another property of the first or the last event, with a value it has had. */
export function valued(node: Did, name: string, properties: readonly Property[]): Did {
  const property = properties.find((one) => one.name === name);
  const value = property?.examples[0] ?? firstValue(property?.type ?? "string");
  return { ...node, property: name, op: "eq", value: value };
}

/** A new condition of a kind, filled with the first thing the catalogue offers so that it is valid at once. */
export function fresh(kind: Kind, catalogue: Catalogue | undefined, segments: readonly string[]): Condition {
  const event = catalogue?.events[0]?.name ?? "Order Completed";
  const made: Record<Kind, () => Condition> = {
    all: () => ({ type: "all", of: [] }),
    any: () => ({ type: "any", of: [] }),
    not: () => ({ type: "not", of: { type: "all", of: [] } }),
    trait: () => freshTrait(catalogue),
    did: () => ({ type: "did", event, where: [], measure: "count", op: "gte", value: 1, within: "30d" }),
    absent: () => ({ type: "absent", event, where: [], within: "30d" }),
    sequence: () => ({
      type: "sequence",
      steps: [
        { event, where: [] },
        { event: catalogue?.events[1]?.name ?? event, where: [], gap: "1d" },
      ],
      within: "30d",
    }),
    tag: () => ({ type: "tag", tag: "", op: "exists" }),
    place: () => ({ type: "place", level: "city", places: [] }),
    near: () => ({ type: "near", lat: 31.2304, lng: 121.4737, km: 10 }),
    top: () => ({ type: "top", trait: numberTrait(catalogue), n: 100, order: "highest" }),
    in_segment: () => ({ type: "in_segment", segment: segments[0] ?? "" }),
    share: () => ({ type: "share", percent: 10, salt: "sample" }),
  };
  return made[kind]();
}

function numberTrait(catalogue: Catalogue | undefined): string {
  return catalogue?.traits.find((one) => one.type === "number")?.name ?? "revenue";
}

function freshTrait(catalogue: Catalogue | undefined): Condition {
  const trait = catalogue?.traits[0];
  const type = trait?.type ?? "string";
  const op = catalogue?.operators[type]?.[0] ?? "eq";
  return { type: "trait", name: trait?.name ?? "", op, value: fitValue(trait?.examples[0] ?? firstValue(type), op) };
}

const LEAVES = new Set<string>([
  "trait",
  "tag",
  "place",
  "near",
  "did",
  "absent",
  "sequence",
  "top",
  "in_segment",
  "share",
]);

/** Can the builder show it? A text may say anything; what the builder cannot show is edited as a text. */
export function sound(tree: Condition): boolean {
  const node: Record<string, unknown> | null = typeof tree === "object" ? { ...tree } : null;
  if (!node) return false;
  if (node.type === "all" || node.type === "any") return Array.isArray(node.of) && node.of.every(sound);
  if (node.type === "not") return typeof node.of === "object" && node.of !== null && sound(node.of as Condition);
  if (!LEAVES.has(String(node.type))) return false;
  if (node.where !== undefined && !Array.isArray(node.where)) return false;
  if (node.type === "sequence") {
    return Array.isArray(node.steps) && node.steps.every((step: unknown) => typeof step === "object" && step !== null);
  }
  return node.type !== "place" || Array.isArray(node.places);
}

type Group = Extract<Condition, { of: Condition[] }>;
type Check = { [K in Exclude<Kind, "all" | "any">]: (node: Extract<Condition, { type: K }>) => boolean } & {
  [K in "all" | "any"]: (node: Group) => boolean;
};

const CHECKS: Check = {
  all: (node) => node.of.length > 0 && node.of.every(complete),
  any: (node) => node.of.length > 0 && node.of.every(complete),
  not: (node) => complete(node.of),
  trait: (node) => node.name !== "" && filled(node.op, node.value),
  tag: (node) => node.tag !== "" && filled(node.op, node.value),
  place: (node) => node.places.length > 0,
  near: (node) => node.km > 0,
  top: (node) => node.trait !== "" && (node.n ?? node.percent ?? 0) > 0,
  did: (node) => happens(node) && node.property !== "" && filled(node.op, node.value) && (!node.clock || bounded(node)),
  absent: (node) => happens(node) && (!node.clock || bounded(node)),
  sequence: (node) => node.steps.length > 1 && node.steps.every(happens) && bounded(node),
  in_segment: (node) => node.segment !== "",
  share: (node) => node.percent >= 0 && node.percent <= 100 && node.salt !== "",
};

/** Is every leaf filled in enough to be asked? Preview is not called for a half-written tree. */
export function complete(tree: Condition): boolean {
  return (CHECKS[tree.type] as (node: Condition) => boolean)(tree);
}

/** Where something is lacking: the paths of leaves that are not filled in, and of groups below the root without any. */
export function unfinished(tree: Condition, path: Path = []): Path[] {
  const children = childrenOf(tree);
  if (children.length > 0) return children.flatMap((child, n) => unfinished(child, [...path, n]));
  return complete(tree) || path.length === 0 ? [] : [path];
}

function happens(node: Happening): boolean {
  return (
    node.event !== "" && (node.where ?? []).every(compares) && (!node.near || node.near.km > 0) && shows(node.clock)
  );
}

function compares(where: Where): boolean {
  return where.property !== "" && filled(where.op, where.value);
}

function shows(clock: Clock | null | undefined): boolean {
  if (!clock) return true;
  if (Boolean(clock.start) !== Boolean(clock.end) || (clock.start && clock.start === clock.end)) return false;
  return Boolean(clock.start) || Boolean(clock.weekdays?.length);
}

function bounded(tree: { within?: string | null; during?: string | null }): boolean {
  return Boolean(tree.within) || Boolean(tree.during);
}

function filled(op: string, value: unknown): boolean {
  if (!takesValue(op)) return true;
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== "";
}
