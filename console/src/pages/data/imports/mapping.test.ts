import { expect, it } from "vitest";

import type { ImportLook } from "../../../api/types";
import { asMap, fromSaved, lacking, proposed, slug, withField, type Kind } from "./mapping";

const KIND: Kind = {
  kind: "orders",
  text: { en: "", zh: "" },
  fields: ["order_id", "time", "revenue", "price", "email"],
  needs: [["order_id"], ["time"], ["revenue", "price"]],
  who: false,
  free: false,
  confidence: 1,
};
const column = (name: string, field: string | null, confidence: number) => ({
  column: name,
  field,
  confidence,
  examples: [],
  looks: "",
  reason: null,
});

it("chooses the guesses that are sure", () => {
  const look = { columns: [column("No", "order_id", 0.9), column("Sum", "revenue", 0.3)] } as unknown as ImportLook;
  expect(proposed(look)).toEqual({ No: "order_id" });
});

it("gives a field to one column only", () => {
  expect(withField({ A: "time", B: "price" }, "B", "time")).toEqual({ B: "time" });
  expect(withField({ A: "time" }, "A", null)).toEqual({});
});

it("says every field, so that the server guesses nothing again", () => {
  expect(asMap({ No: "order_id" }, KIND)).toEqual({ order_id: "No", time: "", revenue: "", price: "", email: "" });
});

it("knows what is still needed", () => {
  expect(lacking({ No: "order_id", Sum: "price" }, KIND)).toEqual([["time"]]);
  expect(lacking({ No: "order_id", T: "time", P: "price" }, { ...KIND, who: true })).toEqual([["email"]]);
});

it("takes a saved mapping over what was proposed", () => {
  expect(fromSaved({ order_id: "Bon", time: "" }, { No: "order_id", T: "time", Sum: "revenue" })).toEqual({
    Bon: "order_id",
    Sum: "revenue",
  });
});

it("makes an id of a name", () => {
  expect([slug("Till Export 2026.csv"), slug("收银")]).toEqual(["till-export-2026", "mapping"]);
});
