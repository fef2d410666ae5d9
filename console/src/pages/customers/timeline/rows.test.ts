import { describe, expect, it } from "vitest";

import type { TimelineItem } from "../../../api/types";
import { barsOf, rowsOf } from "./rows";

const item = (id: string, at: string): TimelineItem => ({
  event_id: id,
  kind: "track",
  name: "Order Completed",
  happened_at: at,
  received_at: at,
  source: "shop",
  properties: {},
  summary: { en: "", zh: "" },
});
const dayOf = (iso: string) => iso.slice(0, 10);

describe("rowsOf", () => {
  it("puts a heading before the first event of each day, across pages, and shows an event once", () => {
    const [a, b, c] = [item("a", "2026-01-03T09:00Z"), item("b", "2026-01-03T08:00Z"), item("c", "2026-01-01T08:00Z")];
    const rows = rowsOf([{ items: [a, b] }, { items: [b, c] }], dayOf);
    expect(rows.map((row) => ("day" in row ? row.day : row.item.event_id))).toEqual([
      "2026-01-03",
      "a",
      "b",
      "2026-01-01",
      "c",
    ]);
  });
});

describe("barsOf", () => {
  it("counts every event in one bar, oldest first, with empty days between", () => {
    const days = [
      { day: "2026-01-10", n: 4 },
      { day: "2026-01-01", n: 1 },
      { day: "2026-01-02", n: 2 },
    ];
    expect(barsOf(days, 5)).toEqual([
      { from: "2026-01-01", n: 3 },
      { from: "2026-01-03", n: 0 },
      { from: "2026-01-05", n: 0 },
      { from: "2026-01-07", n: 0 },
      { from: "2026-01-09", n: 4 },
    ]);
    expect(barsOf([], 5)).toEqual([]);
  });
});
