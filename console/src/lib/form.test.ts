import { expect, it } from "vitest";

import { fieldsOf, readPairs, writePairs, type Shape } from "./form";

const schema: Shape = {
  required: ["host"],
  $defs: { Way: { enum: ["tls", "none"], type: "string" } },
  properties: {
    port: { type: "integer", default: 5432 },
    host: { type: "string", maxLength: 255 },
    query: { type: "string", maxLength: 20000 },
    password: { type: "string", format: "password" },
    token: { anyOf: [{ type: "string" }, { type: "null" }] },
    way: { $ref: "#/$defs/Way" },
    topics: { type: "array", items: { type: "string" } },
    constants: { type: "object", additionalProperties: { type: "string" } },
    rest: { type: "object" },
    on: { type: "boolean" },
  },
};

it("asks what must be given first, each with the control that suits it", () => {
  expect(fieldsOf(schema, ["token"]).map((field) => [field.name, field.control])).toEqual([
    ["host", "text"],
    ["port", "number"],
    ["query", "long"],
    ["password", "secret"],
    ["token", "secret"],
    ["way", "choice"],
    ["topics", "list"],
    ["constants", "pairs"],
    ["rest", "json"],
    ["on", "switch"],
  ]);
});

it("reads pairs back as they were written, an equals sign in a value included", () => {
  const pairs = { a: "1", b: "x=y" };
  expect(readPairs(writePairs(pairs))).toEqual(pairs);
  expect(readPairs("no pair\n =x\ny=")).toEqual({});
});
