import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import en from "./en.json";
import zh from "./zh.json";

type Tree = { [key: string]: string | Tree };

const flat = (tree: Tree, before = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[before + key, value] as [string, string]] : flat(value, `${before}${key}.`),
  );

const english = new Map(flat(en));
const chinese = new Map(flat(zh));
const base = (key: string) => key.replace(/_(one|other)$/, "");

it("has the same texts in both languages", () => {
  const bases = (texts: Map<string, string>) => [...new Set([...texts.keys()].map(base))].sort();
  expect(bases(chinese)).toEqual(bases(english));
});

it("fills the same blanks in both languages", () => {
  const blanks = (text: string) => [...new Set([...text.matchAll(/\{\{(\w+)/g)].map((match) => match[1]))].sort();
  const gathered = (texts: Map<string, string>) => {
    const all = new Map<string, Set<string>>();
    for (const [key, text] of texts) {
      const known = all.get(base(key)) ?? new Set<string>();
      blanks(text).forEach((blank) => known.add(blank ?? ""));
      all.set(base(key), known);
    }
    return new Map([...all].map(([key, known]) => [key, [...known].sort()]));
  };
  const wanted = gathered(english);
  for (const [key, known] of gathered(chinese)) expect([key, known]).toEqual([key, wanted.get(key)]);
});

it("writes Chinese in Chinese", () => {
  const same = [...chinese].filter(([key, text]) => text === english.get(key) && /[a-z]{4,}/.test(text));
  expect(same.map(([key]) => key).filter((key) => !key.startsWith("literal."))).toEqual([]);
});

it("knows every text a page asks for", () => {
  const root = join(import.meta.dirname, "..");
  const sources = readdirSync(root, { recursive: true, encoding: "utf-8" }).filter((name) => /\.tsx?$/.test(name));
  const known = new Set([...english.keys()].map(base));
  const missing = sources.flatMap((name) => {
    const text = readFileSync(join(root, name), "utf-8");
    return [...text.matchAll(/\bt\(\s*"([\w.]+)"/g)].map((match) => match[1] ?? "").filter((key) => !known.has(key));
  });
  expect(missing).toEqual([]);
});
