import { expect, it } from "vitest";

import { grouped } from "./AuditFilters";

it("puts actions with the kind of thing they are done with, the most frequent kind first", () => {
  const actions = [
    { name: "key.create", n: 5 },
    { name: "segment.save", n: 4 },
    { name: "key.revoke", n: 1 },
  ];
  expect(grouped(actions).map(([kind, n, of]) => [kind, n, of.map((one) => one.name)])).toEqual([
    ["key", 6, ["key.create", "key.revoke"]],
    ["segment", 4, ["segment.save"]],
  ]);
});
