import assert from "node:assert/strict";
import { test } from "node:test";

import { campaignOf, from, makeSession } from "../src/session.js";
import { openStorage } from "../src/storage.js";
import { propsOf } from "../src/watch.js";

function visits() {
  const clock = { ms: 1_000_000_000 };
  let made = 0;
  const storage = openStorage(() => {
    throw new Error("no storage");
  }, "h.");
  return {
    clock,
    session: makeSession(
      storage,
      () => clock.ms,
      () => `v${++made}`,
    ),
  };
}

test("a visit ends after half an hour of silence, not after half an hour", () => {
  const { clock, session } = visits();
  assert.equal(session.touch(null, null).id, "v1");
  for (let n = 0; n < 4; n++) {
    clock.ms += 29 * 60_000;
    assert.equal(session.touch(null, null).id, "v1");
  }
  clock.ms += 31 * 60_000;
  const next = session.touch(null, null);
  assert.deepEqual([next.id, next.n], ["v2", 2]);
});

test("what brought a visit stays with it, and another campaign begins another visit", () => {
  const { session } = visits();
  const spring = campaignOf("?utm_campaign=spring&utm_source=mail&utm_medium=email&x=1");
  assert.deepEqual(spring, { name: "spring", source: "mail", medium: "email" });
  session.touch(spring, "https://mail.example/");
  assert.deepEqual(session.touch(null, null).campaign, spring);
  assert.equal(session.touch(spring, null).id, "v1");
  const next = session.touch(campaignOf("?utm_campaign=autumn"), null);
  assert.deepEqual([next.id, next.campaign, next.referrer], ["v2", { name: "autumn" }, null]);
  assert.equal(campaignOf("?q=tea"), null);
});

test("a referrer of the same site, none, or a broken one brought nobody", () => {
  assert.equal(from("https://search.example/?q=tea", "shop.example"), "https://search.example/?q=tea");
  for (const one of ["https://shop.example/a", "", "no address"]) assert.equal(from(one, "shop.example") || null, null);
});

test("marked elements say their properties; identifiers stay text", () => {
  const marked = { homingEvent: "Product Clicked", homingProductId: "0071", homingPrice: "6.50", homingQuantity: "2" };
  assert.deepEqual(
    propsOf({ ...marked, homingSku: "12", homingOnSale: "", homingCode: "12", homingAisle: "07", other: "x" }),
    {
      product_id: "0071",
      price: 6.5,
      quantity: 2,
      sku: "12",
      on_sale: "",
      code: "12",
      aisle: "07",
    },
  );
});
