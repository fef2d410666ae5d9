import { expect, test } from "vitest";

import { asKind, lacking, written } from "./rules";

test("a rule that becomes another kind keeps its field and its event and loses what the other has not", () => {
  const range = { rule: "range" as const, field: "price", event: "Order Completed", then: "refuse" as const, min: 1 };
  expect(asKind("required", range)).toEqual({
    rule: "required",
    field: "price",
    event: "Order Completed",
    then: "refuse",
  });
  expect(asKind("freshness", range)).toEqual({ rule: "freshness", event: "Order Completed", within: "1d" });
});

test("what is not filled in is named, and what says nothing is not written", () => {
  expect(lacking({ rule: "range", field: "price" })).toBe("bounds");
  expect(lacking({ rule: "range", field: "price", max: 0 })).toBeNull();
  expect(lacking({ rule: "set", field: "x", values: [] })).toBe("values");
  expect(lacking({ rule: "volume" })).toBeNull();
  expect(written({ rule: "range", field: "price", event: "", min: null, max: 0 })).toEqual({
    rule: "range",
    field: "price",
    max: 0,
  });
});
