import { expect, it } from "vitest";

import type { Connector, Source } from "../../../api/sources";
import { askedOf, draftOf, plainId, remapped } from "./draft";

const connector: Connector = {
  name: "postgresql",
  about: { en: "", zh: "" },
  way: "asked",
  gives: "orders",
  json_schema: {},
  secrets: ["password"],
};

it("keeps a typed secret apart from the document", () => {
  const draft = { ...draftOf(undefined, ""), name: "My shop", settings: { host: "db", password: "hunter2" } };
  const asked = askedOf(draft, connector, "en");
  expect(asked.secrets).toEqual({ password: "hunter2" });
  expect(JSON.stringify(asked.document)).not.toContain("hunter2");
  expect(asked.document).toMatchObject({ id: "my-shop", name: { en: "My shop" }, schedule: { every: "15m" } });
});

it("changes a source without losing its secret, its other name or what the form does not show", () => {
  const reference = { secret: "source:shop:password" };
  const document = {
    kind: "source",
    id: "shop",
    name: { en: "Shop", zh: "商城" },
    connector: "postgresql",
    settings: { host: "db", password: reference },
    zone: "Asia/Shanghai",
    schedule: { at: "03:00" },
  };
  const of = { id: "shop", connector: "postgresql", secrets: { password: true }, document } as unknown as Source;
  const draft = draftOf(of, "Shop");
  expect(draft.settings).toEqual({ host: "db" });
  const asked = askedOf({ ...draft, name: "The shop" }, connector, "en", of);
  expect(asked.document).toMatchObject({
    name: { en: "The shop", zh: "商城" },
    settings: { host: "db", password: reference },
    zone: "Asia/Shanghai",
    schedule: { at: "03:00" },
  });
  expect(asked.secrets).toEqual({});
});

it("gives a column one field and a field one column", () => {
  expect(remapped({ time: "a" }, "b", null, "time")).toEqual({ time: "b" });
  expect(remapped({ time: "a" }, "a", "time", null)).toEqual({ time: "" });
  expect(plainId("  Shop · 1 ")).toBe("shop-1");
});
