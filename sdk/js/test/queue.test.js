import assert from "node:assert/strict";
import { test } from "node:test";

import { makeQueue } from "../src/queue.js";
import { openStorage } from "../src/storage.js";

/** A browser's storage that holds so many characters. */
class Area {
  constructor(room = Infinity) {
    Object.defineProperties(this, { room: { value: room } });
  }
  getItem(name) {
    return this[name] ?? null;
  }
  setItem(name, value) {
    const used = Object.entries(this).reduce((sum, [key, item]) => sum + key.length + item.length, 0);
    if (used + name.length + value.length > this.room) throw new Error("QuotaExceededError");
    this[name] = String(value);
  }
  removeItem(name) {
    delete this[name];
  }
}

/** A queue, a server that answers as told, and a clock. */
function world(answers, area = new Area()) {
  const asked = [];
  const timers = [];
  const clock = { ms: 1_800_000_000_000 };
  const storage = openStorage(() => area, "h.");
  const queue = makeQueue({
    storage,
    post: async (items) => {
      asked.push(items.map((item) => JSON.parse(item)));
      return answers.shift() ?? { status: 200 };
    },
    now: () => clock.ms,
    later: (run, ms) => timers.push({ run, ms }),
    random: () => 1,
  });
  const pass = async () => {
    const { run, ms } = timers.shift();
    clock.ms += ms;
    run();
    await new Promise((done) => setTimeout(done, 5));
    return ms;
  };
  return { area, asked, clock, pass, queue, storage, timers };
}

const event = (n, more = {}) => ({ messageId: `${String(n).padStart(8, "0")}-m`, event: "Seen", ...more });

test("what is answered for is removed, in the order it happened", async () => {
  const { asked, queue } = world([]);
  for (let n = 0; n < 120; n++) queue.add(event(n));
  await queue.flush();
  assert.deepEqual(
    asked.map((items) => items.length),
    [50, 50, 20],
  );
  assert.deepEqual(
    asked.flat().map((item) => Number(item.messageId.slice(0, 8))),
    [...Array(120).keys()],
  );
  assert.equal(queue.size(), 0);
});

test("a server that fails is asked again, later each time, and nothing is lost", async () => {
  const { asked, pass, queue } = world([{ status: 503 }, { status: 0 }, { status: 500 }, { status: 200 }]);
  queue.add(event(1));
  await queue.flush();
  const waits = [await pass(), await pass(), await pass()];
  assert.deepEqual(waits, [2001, 4001, 8001]);
  assert.equal(asked.length, 4);
  assert.equal(queue.size(), 0);
});

test("Retry-After is honoured, also by another page of the site", async () => {
  const first = world([{ status: 429, retryAfter: "7" }]);
  first.queue.add(event(1));
  await first.queue.flush();
  const second = world([], first.area);
  second.queue.add(event(2));
  await second.queue.flush();
  assert.equal(second.asked.length, 0);
  second.queue.leave(() => assert.fail("a busy server is not asked by a page that closes either"));
  assert.equal(await second.pass(), 7001);
  assert.equal(second.asked.flat().length, 2);
});

test("Retry-After may be a date", async () => {
  const { clock, queue, timers } = world([{ status: 503, retryAfter: new Date(1_800_000_060_000).toUTCString() }]);
  queue.add(event(1));
  await queue.flush();
  assert.equal(timers[0].ms, 60_001);
  assert.equal(clock.ms, 1_800_000_000_000);
});

test("without a network the wish to send again comes from the browser, not from a note in the storage", async () => {
  const { asked, queue } = world([{ status: 0 }]);
  queue.add(event(1));
  await queue.flush();
  await queue.flush(); // the browser says that it is online
  assert.equal(asked.length, 2);
  assert.equal(queue.size(), 0);
});

test("what a server will never take is not sent for ever, and the rest goes in", async () => {
  const { asked, queue } = world([{ status: 400 }]);
  queue.add(event(1));
  await queue.flush();
  queue.add(event(2));
  await queue.flush();
  assert.equal(asked.length, 2);
  assert.equal(queue.size(), 0);
});

test("a request that is too large is halved until it fits", async () => {
  const { asked, queue } = world([{ status: 413 }, { status: 413 }]);
  for (let n = 0; n < 40; n++) queue.add(event(n));
  await queue.flush();
  assert.deepEqual(
    asked.map((items) => items.length),
    [40, 20, 10, 10, 10, 10],
  );
  assert.equal(queue.size(), 0);
});

test("a request stays below what may outlive its page", async () => {
  const { asked, queue } = world([]);
  for (let n = 0; n < 9; n++) queue.add(event(n, { text: "茶".repeat(5_000) }));
  await queue.flush();
  for (const items of asked) assert.ok(Buffer.byteLength(JSON.stringify(items)) < 61_000);
  assert.equal(asked.flat().length, 9);
});

test("a page that closes hands on what waits and keeps it, for there is no answer", () => {
  const { queue } = world([]);
  queue.add(event(1));
  const handed = [];
  queue.leave((items) => handed.push(...items));
  assert.equal(handed.length, 1);
  assert.equal(queue.size(), 1);
});

test("a full storage gives up its older half, and an event beyond the server's memory is not sent again", async () => {
  const { asked, clock, queue } = world([], new Area(3_000));
  for (let n = 0; n < 60; n++) queue.add(event(n));
  assert.ok(queue.size() > 5 && queue.size() < 60);
  clock.ms += 37 * 3_600_000;
  queue.add(event(99));
  await queue.flush();
  assert.deepEqual(
    asked.flat().map((item) => Number(item.messageId.slice(0, 8))),
    [99],
  );
});

test("two pages share the storage and each event goes out", async () => {
  const area = new Area();
  const [one, two] = [world([], area), world([], area)];
  one.queue.add(event(1));
  two.queue.add(event(2));
  await Promise.all([one.queue.flush(), two.queue.flush()]);
  const sent = new Set([...one.asked, ...two.asked].flat().map((item) => item.messageId));
  assert.equal(sent.size, 2);
  assert.equal(one.queue.size(), 0);
});

test("a storage that may not be used is replaced by this page's memory", async () => {
  const storage = openStorage(() => {
    throw new Error("SecurityError");
  }, "h.");
  storage.set("e.2", "b");
  storage.set("e.1", "a");
  assert.deepEqual(storage.names("e."), ["e.1", "e.2"]);
  storage.remove("e.1");
  assert.equal(storage.get("e.1"), null);
});
