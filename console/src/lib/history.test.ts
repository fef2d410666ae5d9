import { describe, expect, it } from "vitest";

import { begin, put, redo, undo } from "./history";

describe("edits", () => {
  it("go back one by one, and forward again", () => {
    const edits = put(put(begin("a"), "b"), "c");
    expect(undo(edits).now).toBe("b");
    expect(undo(undo(edits)).now).toBe("a");
    expect(redo(undo(edits))).toEqual(edits);
  });

  it("stop at both ends", () => {
    const one = begin("a");
    expect(undo(one)).toBe(one);
    expect(redo(one)).toBe(one);
  });

  it("forget what was taken back once something new is done, and do not count what changes nothing", () => {
    const edits = put(undo(put(begin("a"), "b")), "c");
    expect(redo(edits)).toBe(edits);
    expect(put(edits, "c")).toBe(edits);
  });
});
