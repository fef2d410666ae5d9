import { describe, expect, it } from "vitest";

import type { SegmentDocument } from "../api/types";
import { lineOf, read, write } from "./yaml";

const document: SegmentDocument = {
  kind: "segment",
  id: "warm",
  name: { en: "Warm", zh: "\u6696" },
  condition: {
    type: "all",
    of: [
      { type: "tag", tag: "vip", op: "exists" },
      { type: "absent", event: "Order Completed", within: "30x" },
    ],
  },
};

describe("a segment as a text", () => {
  it("comes back the same", () => {
    expect(read(write(document), "").condition).toEqual(document.condition);
  });

  it("says the line at which it cannot be read", () => {
    const { trouble } = read("kind: segment\ncondition:\n  type: all\n  of: [\n", "");
    expect(trouble?.line).toBeGreaterThanOrEqual(4);
    expect(read("kind: segment\n", "no condition").trouble).toEqual({ line: 1, message: "no condition" });
  });

  it("finds the line of a field the server names", () => {
    const text = write(document);
    const line = lineOf(text, "condition.of.1.within");
    expect(text.split("\n")[line - 1]).toContain("within: 30x");
    expect(text.split("\n")[lineOf(text, "condition.of.1.nothing") - 1]).toContain("absent");
  });
});
