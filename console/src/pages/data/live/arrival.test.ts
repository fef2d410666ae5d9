import { expect, it } from "vitest";

import type { LiveEvent, Rejected } from "../../../api/types";
import { ofEvent, ofRejected, saysItIs, wants } from "./arrival";

const event = (more: Partial<LiveEvent>) =>
  ofEvent({
    event_id: "e",
    name: "Order Completed",
    source: "shop",
    customer_id: "c1",
    ids: [{ type: "user_id", value: "ann" }],
    received_at: "",
    violations: [],
    ...more,
  } as LiveEvent);
const rejected = (body: string) => ofRejected({ rejected_id: "r", source: "shop", body, at: "" } as Rejected);

it("finds by name, source, customer and identifier", () => {
  expect(wants({ name: "order", source: "shop", id: "ann" }, event({}))).toBe(true);
  expect(wants({ id: "c1" }, event({}))).toBe(true);
  expect(wants({ id: "bob" }, event({}))).toBe(false);
  expect(wants({ id: "ann" }, rejected('{"userId": "ann"}'))).toBe(true);
  expect(wants({ id: "an" }, rejected('{"userId": "ann"}'))).toBe(false);
});

it("counts what came with a warning among what was accepted", () => {
  const warned = event({
    violations: [{ code: "plan_type", field: "price", by: "plan:p", said: "", text: { en: "", zh: "" } }],
  });
  expect([wants({ verdict: "warned" }, warned), wants({ verdict: "accepted" }, warned)]).toEqual([true, true]);
  expect([wants({ verdict: "warned" }, event({})), wants({ verdict: "rejected" }, warned)]).toEqual([false, false]);
});

it("reads what a refused item says it is", () => {
  expect(
    ["{", '{"event":"A","type":"track"}', '{"type":"page"}', '{"event":3}'].map((b) =>
      saysItIs(rejected(b).verdict === "rejected" ? ({ body: b } as Rejected) : ({} as Rejected)),
    ),
  ).toEqual([null, "A", "page", null]);
  expect(saysItIs({ body: null, event: "A", type: "track" } as Rejected)).toBe("A"); // whose text is hidden
});
