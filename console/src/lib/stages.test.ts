import { expect, it } from "vitest";

import { BLANK, changeStage, judgedEarlier, moved, publishable, readable, withoutStage, withStage } from "./stages";

const BOUGHT = { type: "absent" as const, event: "Order Completed", where: [], within: "30d" };
const TEA = {
  kind: "lifecycle" as const,
  id: "tea",
  name: { en: "Tea", zh: "茶" },
  stages: [
    { id: "known", name: { en: "Known", zh: "已知" }, colour: "#bfbfbf" },
    { id: "buying", name: { en: "Buying", zh: "购买" }, colour: "#389e0d", condition: BOUGHT },
  ],
  order: ["buying", "known"],
};

it("reads a document, with the order left out and a name in one language", () => {
  const { order, ...without } = TEA;
  expect(order).toHaveLength(2);
  expect(readable(without)?.order).toEqual(["known", "buying"]);
  expect(readable({ ...TEA, name: "Tea" })?.name).toEqual({ en: "Tea", zh: "Tea" });
  expect(readable({ ...TEA, stages: [{ id: "a", name: "A", condition: { type: "unheard of" } }] })).toBeNull();
  expect(readable("text")).toBeNull();
});

it("judges a new stage first, and lets its id follow its name", () => {
  const more = withStage(TEA);
  expect(more.order).toEqual(["stage", "buying", "known"]);
  const named = changeStage(more, 2, { name: { en: "Very loyal", zh: "" } }, true);
  expect(named.stages[2]?.id).toBe("very_loyal");
  expect(named.order).toEqual(["very_loyal", "buying", "known"]);
  expect(changeStage(named, 2, { name: { en: "Loyal", zh: "" } }, false).stages[2]?.id).toBe("very_loyal");
});

it("gives no two stages one id", () => {
  const named = changeStage(withStage(TEA), 2, { name: { en: "Buying", zh: "" } }, true);
  expect(named.stages.map((one) => one.id)).toEqual(["known", "buying", "buying_2"]);
});

it("keeps whoever takes the rest last, and lets one stage alone do so", () => {
  expect(judgedEarlier(TEA, "known", -1).order).toEqual(["buying", "known"]);
  const turned = changeStage(TEA, 1, { condition: undefined }, false);
  expect(turned.order).toEqual(["known", "buying"]);
  expect(turned.stages[0]?.condition).toEqual({ type: "all", of: [] });
});

it("moves within the list only", () => {
  expect(moved([1, 2, 3], 0, -1)).toEqual([1, 2, 3]);
  expect(moved([1, 2, 3], 0, 1)).toEqual([2, 1, 3]);
});

it("is published when every stage has a name and a whole condition", () => {
  expect(publishable(TEA)).toBe(true);
  expect(publishable(withStage(TEA))).toBe(false);
  expect(publishable(withoutStage(TEA, "buying"))).toBe(false);
  expect(publishable(BLANK)).toBe(false);
});
