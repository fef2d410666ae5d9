import { expect, it } from "vitest";

import { around, orthogonal, place } from "./layout";

const boxes = ["a", "b", "c", "d"].map((id) => ({ id, width: 200, height: 80 }));
const edges = [
  { from: "a", to: "b" },
  { from: "b", to: "c" },
  { from: "b", to: "d" },
  { from: "c", to: "d" },
  { from: "c", to: "d" },
];

it("places every step below the ones that lead to it, the same each time", () => {
  const picture = place(boxes, edges);
  for (const { from, to } of edges)
    expect(picture.boxes.get(to)!.y).toBeGreaterThanOrEqual(picture.boxes.get(from)!.y + 80);
  expect(place(boxes, edges)).toEqual(picture);
});

it("keeps the words of lines off the boxes and off each other", () => {
  const { boxes: at, routes } = place(boxes, edges);
  const labels = routes.map((route) => route.label);
  for (const label of labels) {
    for (const corner of at.values()) {
      const inside = label.x > corner.x && label.x < corner.x + 200 && label.y > corner.y && label.y < corner.y + 80;
      expect(inside).toBe(false);
    }
  }
  const [one, two] = labels.slice(3);
  expect(Math.hypot(one!.x - two!.x, one!.y - two!.y)).toBeGreaterThan(60);
});

it("draws lines that only go down and sideways", () => {
  expect(
    orthogonal([
      { x: 0, y: 0 },
      { x: 0, y: 50 },
    ]),
  ).toBe("M0 0V50");
  expect(
    orthogonal([
      { x: 0, y: 0 },
      { x: 100, y: 60 },
    ]),
  ).toBe("M0 0V18Q0 30 12 30H88Q100 30 100 42V60");
});

it("puts points around a centre, the first on top", () => {
  const [top, right] = around(4, { x: 100, y: 100 }, { x: 50, y: 20 });
  expect(top).toMatchObject({ x: 100, y: 80 });
  expect(right!.x).toBeCloseTo(150);
});
