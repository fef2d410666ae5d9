import { expect, it } from "vitest";

import { slug } from "./slug";

it("makes an identifier of a name", () => {
  expect(slug("Came back, twice!")).toBe("came_back_twice");
  expect(slug("  Like regulars ", "-")).toBe("like-regulars");
  expect(slug("常客 A")).toBe("a");
  expect(slug("常客")).toBe("");
});
