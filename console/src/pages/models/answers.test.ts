import { describe, expect, it } from "vitest";

import type { Kind } from "../../api/models";
import { type Answers, answersOf, askedAt, changedOf, type Document, documentOf } from "./answers";

const NAME = { en: "Shoes", zh: "鞋" };
const DOCUMENTS: Document[] = [
  {
    kind: "lookalike",
    id: "a",
    name: NAME,
    seed_segment: "club",
    among: "buyers",
    model: "neighbours",
    features: { lookback: "90d", families: ["orders"], top: 5, exclude: ["x"] },
  },
  { kind: "clustering", id: "b", name: NAME, k: 4, k_max: 9, features: { lookback: "30d" } },
  {
    kind: "association",
    id: "c",
    name: NAME,
    item: "brand",
    basket: "customer",
    min_support: 0.07,
    max_items: 2,
    min_lift: 1.5,
    lookback: "365d",
  },
  {
    kind: "classification",
    id: "d",
    name: NAME,
    label: { trait: "points", op: "gte", value: 10 },
    horizon: "30d",
    new_only: false,
    model: "boosting",
    features: { lookback: "365d" },
  },
  {
    kind: "classification",
    id: "e",
    name: NAME,
    label: { segment: "club" },
    new_only: true,
    model: "logistic",
    features: { lookback: "365d" },
  },
];

const changed = (document: Document, by: Partial<Answers> = {}) => {
  const kind = document.kind as Kind;
  return changedOf(kind, document, { ...answersOf(kind, document, "en"), ...by } as Answers, "en");
};

describe("a model that is changed", () => {
  it.each(DOCUMENTS.map((one) => [String(one.id), one] as const))(
    "stays as it was where nothing was changed: %s",
    (_, one) => {
      expect(changed(one)).toEqual(one);
    },
  );

  it("keeps what the form does not ask, and lets go what it was left without", () => {
    const [like, kinds] = DOCUMENTS as [Document, Document];
    expect(changed(like, { among: undefined, families: [], lookback: "7d" })).toEqual({
      ...Object.fromEntries(Object.entries(like).filter(([name]) => name !== "among")),
      features: { lookback: "7d", top: 5, exclude: ["x"] },
    });
    expect(changed(kinds, { k: null })).not.toHaveProperty("k");
    expect(changed(kinds, { k: null }).k_max).toBe(9);
  });

  it("is renamed in the reader's language, in both where both were one", () => {
    const [like] = DOCUMENTS as [Document];
    expect(changed(like, { name: "Boots" }).name).toEqual({ en: "Boots", zh: "鞋" });
    expect(changed({ ...like, name: { en: "S", zh: "S" } }, { name: "T" }).name).toEqual({ en: "T", zh: "T" });
  });

  it("asks for another label without what belonged to the old one", () => {
    const byTrait = DOCUMENTS[3] as Document;
    expect(changed(byTrait, { about: "segment", segment: "club" }).label).toEqual({ segment: "club" });
    expect(changed(byTrait, { value: "20" }).label).toEqual({ trait: "points", op: "gte", value: 20 });
  });
});

describe("what the server refuses", () => {
  it("stands at the field that was asked, or nowhere", () => {
    expect(askedAt("features.lookback")).toBe("lookback");
    expect(askedAt("lookback")).toBe("lookback");
    expect(askedAt("seed_segment")).toBe("seed_segment");
    expect(askedAt("features.top")).toBe(null);
    expect(askedAt(undefined)).toBe(null);
  });

  it("begins with the answers a new model was made of", () => {
    const made = documentOf("clustering", { name: "K", id: "k", lookback: "30d", families: ["bought"] });
    expect(answersOf("clustering", made, "zh")).toMatchObject({ name: "K", id: "k", families: ["bought"] });
  });
});
