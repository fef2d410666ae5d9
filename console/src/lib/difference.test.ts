import { expect, it } from "vitest";

import { difference, laidOut, paths } from "./difference";

it("names every leaf that is another one, came or went", () => {
  expect(difference('{"a":{"b":1},"c":[1,2]}', '{"a":{"b":"1"},"c":[1],"d":null}')).toEqual([
    { path: "a.b", before: "1", after: '"1"' },
    { path: "c[1]", before: "2", after: null },
    { path: "d", before: null, after: "null" },
  ]);
  expect(difference("{}", "no json")).toBeNull();
});

it("writes the places of a list as the bulk change does", () => {
  expect(paths('{"x":[{"id":1},{"id":2}],"y":""}')).toEqual(["x[].id", "y"]);
  expect(laidOut("no json")).toBe("no json");
});
