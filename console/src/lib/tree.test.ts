import { describe, expect, it } from "vitest";

import type { Condition } from "../api/types";
import {
  append,
  at,
  complete,
  edit,
  EVERYBODY,
  fitValue,
  fresh,
  measured,
  negate,
  remove,
  rooted,
  unfinished,
  valued,
} from "./tree";

const silver: Condition = { type: "trait", name: "tier", op: "eq", value: "silver" };
const bought: Condition = {
  type: "did",
  event: "Order Completed",
  op: "gte",
  value: 2,
  measure: "count",
  within: "90d",
};
const tree: Condition = { type: "all", of: [silver, { type: "any", of: [bought, { type: "not", of: silver }] }] };

describe("editing a condition tree", () => {
  it("changes one node and leaves the original as it was", () => {
    const edited = edit(tree, [1, 0], (node) => ({ ...node, value: 5 }) as Condition);
    expect(at(edited, [1, 0])).toMatchObject({ value: 5 });
    expect(at(tree, [1, 0])).toMatchObject({ value: 2 });
  });

  it("removes a node, and a `not` with its only child", () => {
    expect(remove(tree, [0])).toMatchObject({ of: [{ type: "any" }] });
    expect(at(remove(tree, [1, 1, 0]), [1])).toEqual({ type: "any", of: [bought] });
    expect(remove(tree, [])).toEqual(EVERYBODY);
  });

  it("says the opposite, and twice is back", () => {
    const once = negate(tree, [0]);
    expect(at(once, [0])).toEqual({ type: "not", of: silver });
    expect(negate(once, [0])).toEqual(tree);
  });

  it("appends to groups only and roots a bare leaf", () => {
    expect(at(append(tree, [1], silver), [1, 2])).toEqual(silver);
    expect(append(tree, [0], silver)).toEqual(tree);
    expect(rooted(silver)).toEqual({ type: "all", of: [silver] });
  });

  it("fits the value to the operator", () => {
    expect(fitValue("a", "in")).toEqual(["a"]);
    expect(fitValue(["a", "b"], "eq")).toBe("a");
    expect(fitValue("a", "exists")).toBeUndefined();
  });

  it("knows a half-written tree from a whole one", () => {
    expect(complete(tree)).toBe(true);
    expect(complete({ type: "trait", name: "tier", op: "eq", value: "" })).toBe(false);
    expect(complete(fresh("in_segment", undefined, []))).toBe(false);
    expect(complete({ type: "trait", name: "tier", op: "exists" })).toBe(true);
    expect(complete(EVERYBODY)).toBe(false);
  });

  it("measures the first and the last by any property, a sum by a number only", () => {
    const properties = [
      { name: "category", type: "string" as const, examples: ["Tea"] },
      { name: "revenue", type: "number" as const, examples: [12.5] },
    ];
    const last = measured(bought, "last", properties);
    expect(last).toMatchObject({ measure: "last", property: "category", op: "eq", value: "Tea", within: "90d" });
    expect(measured(last, "first", properties)).toEqual({ ...last, measure: "first" });
    expect(valued(last, "revenue", properties)).toMatchObject({ property: "revenue", value: 12.5 });
    expect(measured(last, "sum", properties)).toMatchObject({ property: "revenue", op: "gte", value: 0 });
    expect(measured(last, "count", properties)).toMatchObject({ property: undefined, op: "gte", value: 1 });
    expect(complete(measured(bought, "last", []))).toBe(false);
  });

  it("names the places where something is lacking", () => {
    const empty = fresh("place", undefined, []);
    expect(unfinished(tree)).toEqual([]);
    expect(unfinished(EVERYBODY)).toEqual([]);
    expect(unfinished({ type: "all", of: [silver, { type: "not", of: empty }, { type: "any", of: [] }] })).toEqual([
      [1, 0],
      [2],
    ]);
  });
});
