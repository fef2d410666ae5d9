import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import type { SegmentDocument } from "../api/types";
import zh from "../i18n/zh.json";
import { lineOf, read, unreadable, write } from "./yaml";

const worded = (code: string) => code;

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
    expect(read(write(document), "", worded).condition).toEqual(document.condition);
  });

  it("says the line at which it cannot be read", () => {
    const { trouble } = read("kind: segment\ncondition:\n  type: all\n  of: [\n", "", worded);
    expect(trouble?.line).toBeGreaterThanOrEqual(4);
    expect(read("kind: segment\n", "no condition", worded).trouble).toEqual({ line: 1, message: "no condition" });
  });

  it("says in words why it cannot be read", () => {
    const broken = ["a: [", "a: 1\na: 2", "a:\n\t- 1", "a: @b", "a: *b", 'a: "\\q"', "a: b: c"];
    const codes = broken.map((text) => unreadable(text)?.code ?? "none");
    expect(new Set(codes).size).toBeGreaterThan(5);
    for (const code of codes) expect([code, code in zh.yaml]).toEqual([code, true]);
    expect(unreadable("a: 1")).toBeNull();
  });

  it("has words for every reason the reader of YAML may give", () => {
    const declared = readFileSync(join(import.meta.dirname, "../../node_modules/yaml/dist/errors.d.ts"), "utf-8");
    const codes = [...(/ErrorCode = ([^;]+);/.exec(declared)?.[1] ?? "").matchAll(/'(\w+)'/g)].map((one) => one[1]);
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !((code ?? "") in zh.yaml))).toEqual([]);
  });

  it("finds the line of a field the server names", () => {
    const text = write(document);
    const line = lineOf(text, "condition.of.1.within");
    expect(text.split("\n")[line - 1]).toContain("within: 30x");
    expect(text.split("\n")[lineOf(text, "condition.of.1.nothing") - 1]).toContain("absent");
  });
});
