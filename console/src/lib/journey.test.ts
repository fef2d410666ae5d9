import { describe, expect, it } from "vitest";

import type { JourneyDocument } from "../api/types";
import { edgesOf, ENTRY, insert, removeNode } from "./journey";

const wake: JourneyDocument = {
  id: "wake",
  name: { en: "Wake", zh: "唤醒" },
  entry: { type: "segment", segment: "dormant" },
  nodes: [
    { id: "hour", type: "delay_until", trait: "active_hour", zone: "customer", next: "mail" },
    { id: "mail", type: "message", content: "hello", channel: "email", next: "wait" },
    {
      id: "wait",
      type: "wait_for",
      events: [{ event: "Order Completed", to: "done" }],
      timeout: "3d",
      timeout_to: "again",
    },
    { id: "again", type: "message", content: "again", channel: "email", next: "done" },
    { id: "done", type: "exit" },
  ],
};

const pairs = (document: JourneyDocument) => edgesOf(document).map((edge) => `${edge.from}>${edge.to}`);

describe("a journey document", () => {
  it("draws the entry and every way out", () => {
    expect(pairs(wake)).toEqual([`${ENTRY}>hour`, "hour>mail", "mail>wait", "wait>done", "wait>again", "again>done"]);
  });

  it("takes a step into an edge", () => {
    const timeout = edgesOf(wake).find((edge) => edge.port === "timeout");
    const { document, id } = insert(wake, timeout!, "delay", "hello");
    expect(pairs(document)).toContain(`wait>${id}`);
    expect(pairs(document)).toContain(`${id}>again`);
    expect(pairs(document)).not.toContain("wait>again");
  });

  it("takes a first step before the first", () => {
    const { document, id } = insert(wake, edgesOf(wake)[0]!, "delay", "hello");
    expect(pairs(document).slice(0, 2)).toEqual([`${ENTRY}>${id}`, `${id}>hour`]);
  });

  it("mends the edges when a step goes, and drops what nothing leads to", () => {
    expect(pairs(removeNode(wake, "again"))).toEqual([
      `${ENTRY}>hour`,
      "hour>mail",
      "mail>wait",
      "wait>done",
      "wait>done",
    ]);
    const straight = removeNode(wake, "wait");
    expect(straight.nodes.map((node) => node.id)).toEqual(["hour", "mail", "done"]);
    expect(removeNode(wake, "done")).toEqual(wake);
  });
});
