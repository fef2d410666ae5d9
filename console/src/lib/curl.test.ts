import { execFileSync } from "node:child_process";

import { expect, it } from "vitest";

import { curlOf, quoted, requestOf } from "./curl";

const asTheShellReadsIt = (text: string) =>
  execFileSync("sh", ["-c", `printf %s ${quoted(text)}`], { encoding: "utf-8" });

it("quotes a text so that a shell reads the same text", () => {
  for (const text of ["", "it's", "a 'b' c", '$HOME `id` \\ "x"', "行\n二", "@file", "-d"])
    expect(asTheShellReadsIt(text)).toBe(text);
});

it("sends a call to the door of its type and keeps every digit", () => {
  const raw = '{"type": "track", "event": "A", "properties": {"n": 9007199254740993}}';
  expect(requestOf(raw)).toEqual({ path: "/v1/track", body: raw });
});

it("sends what has no type it knows in a batch, as it was", () => {
  expect(requestOf('{"type": "trakc"}')).toEqual({ path: "/v1/batch", body: '{"batch": [{"type": "trakc"}]}' });
  expect(requestOf('{"type": "track"')).toEqual({ path: "/v1/batch", body: '{"type": "track"' });
});

it("never carries a key", () => {
  const curl = curlOf("https://shop.example", '{"type": "track", "writeKey": "wk_secret", "event": "A"}');
  expect(curl).not.toContain("wk_secret");
  expect(curl).toContain("curl -u \"$HOMING_WRITE_KEY:\" 'https://shop.example/v1/track'");
});
