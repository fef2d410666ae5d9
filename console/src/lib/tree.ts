/** Edits a condition tree by path, never in place. A path is the list of child positions from the root. */

import type { Catalogue, Condition, ValueType } from "../api/types";

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
    in_segment: () => ({ type: "in_segment", segment: segments[0] ?? "" }),
    share: () => ({ type: "share", percent: 10, salt: "sample" }),
  };
  return made[kind]();
}

function freshTrait(catalogue: Catalogue | undefined): Condition {
  const trait = catalogue?.traits[0];
  const type = trait?.type ?? "string";
  const op = catalogue?.operators[type]?.[0] ?? "eq";
  return { type: "trait", name: trait?.name ?? "", op, value: fitValue(trait?.examples[0] ?? firstValue(type), op) };
}

/** Is every leaf filled in enough to be asked? Preview is not called for a half-written tree. */
export function complete(tree: Condition): boolean {
  switch (tree.type) {
    case "all":
    case "any":
      return tree.of.length > 0 && tree.of.every(complete);
    case "not":
      return complete(tree.of);
    case "trait":
      return tree.name !== "" && filled(tree.op, tree.value);
    case "did":
      return tree.event !== "" && filled(tree.op, tree.value) && (tree.where ?? []).every((w) => filled(w.op, w.value));
    case "absent":
      return tree.event !== "" && (tree.where ?? []).every((w) => w.property !== "" && filled(w.op, w.value));
    case "in_segment":
      return tree.segment !== "";
    case "share":
      return tree.percent >= 0 && tree.percent <= 100 && tree.salt !== "";
  }
}

function filled(op: string, value: unknown): boolean {
  if (!takesValue(op)) return true;
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== "";
}
