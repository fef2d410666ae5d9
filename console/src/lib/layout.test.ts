import { expect, it } from "vitest";

import { around, place } from "./layout";

it("places every step below the ones that lead to it and none on top of another", () => {
  const boxes = ["a", "b", "c", "d"].map((id) => ({ id, width: 200, height: 80 }));
  const edges = [
    { from: "a", to: "b" },
    { from: "a", to: "c" },
    { from: "b", to: "d" },
    { from: "c", to: "d" },
    { from: "c", to: "d" },
  ];
  const placed = place(boxes, edges);
  for (const { from, to } of edges) expect(placed.get(to)!.y).toBeGreaterThan(placed.get(from)!.y + 80);
  expect(Math.abs(placed.get("b")!.x - placed.get("c")!.x)).toBeGreaterThanOrEqual(200);
  expect(place(boxes, edges)).toEqual(placed);
});

it("puts points around a centre, the first on top", () => {
  const [top, right] = around(4, { x: 100, y: 100 }, { x: 50, y: 20 });
  expect(top).toMatchObject({ x: 100, y: 80 });
  expect(right!.x).toBeCloseTo(150);
});
