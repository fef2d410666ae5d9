// How does an event survive until the server has answered for it? One entry of storage an event, removed on the answer.
//
// Two pages of a site share the storage without a lock: adding and removing never rewrite what another page wrote. An
// event that two of them send is one event, because its messageId is the same.

const ITEMS = 50; // events a request
const BYTES = 60_000; // a request that may outlive its page holds 64 KiB
const ROOM = 1_000; // events that wait at most; beyond it the oldest go
const STALE_MS = 36 * 3_600_000; // the server is sure to know a repeated event for 48 hours
const SLOWEST_MS = 300_000;
const FURTHEST_MS = 3_600_000;
const AGAIN = new Set([0, 401, 408, 425, 429]); // and every 5xx: the fault is not the event's

/**
 * @param {object} parts
 * @param {ReturnType<import("./storage.js").openStorage>} parts.storage
 * @param {(events: string[]) => Promise<{status: number, retryAfter?: string | null}>} parts.post status 0: no answer
 * @param {() => number} parts.now milliseconds
 * @param {(run: () => void, ms: number) => void} parts.later
 * @param {() => number} [parts.random]
 */
export function makeQueue({ storage, post, now, later, random = Math.random }) {
  let made = 0;
  let failures = 0;
  let most = ITEMS;
  let busy = false;
  let timer = false;

  const names = () => storage.names("e.");
  /** Until when the server asked to be left alone; every page of the site heeds it. */
  const until = () => {
    const at = Number(storage.get("wait"));
    return at - now() > FURTHEST_MS ? 0 : at; // the clock was set back
  };

  function take() {
    /** @type {[string, string][]} */
    const batch = [];
    let size = 0;
    for (const name of names()) {
      const item = storage.get(name);
      if (item === null) continue; // another page was faster
      if (Number(name.slice(2, 15)) < now() - STALE_MS) {
        storage.remove(name);
        continue;
      }
      size += new TextEncoder().encode(item).length;
      if (batch.length && (size > BYTES || batch.length >= most)) break;
      batch.push([name, item]);
    }
    return batch;
  }

  function again(ms) {
    if (timer) return;
    timer = true;
    later(() => {
      timer = false;
      flush();
    }, ms);
  }

  function wait(status, retryAfter) {
    failures += 1;
    const asked = Number(retryAfter) * 1000 || Date.parse(retryAfter ?? "") - now();
    const own = Math.min(SLOWEST_MS, 1000 * 2 ** failures) * (0.5 + random() / 2);
    const ms = Math.min(asked > 0 ? asked : own, FURTHEST_MS);
    if (status) storage.set("wait", String(now() + ms)); // no network is nobody's wish: it may be back at once
    again(ms + 1);
  }

  async function flush() {
    if (busy) return;
    if (now() < until()) return again(until() - now() + 1);
    busy = true;
    try {
      for (let batch = take(); batch.length; batch = take()) {
        const { status, retryAfter } = await post(batch.map(([, item]) => item));
        if (AGAIN.has(status) || status >= 500) return wait(status, retryAfter);
        if (status === 413 && batch.length > 1) {
          most = batch.length >> 1;
          continue;
        }
        batch.forEach(([name]) => storage.remove(name)); // taken, or refused for good: asking again changes nothing
        storage.remove("wait");
        failures = 0;
      }
    } finally {
      busy = false;
    }
  }

  return {
    /** Keep an event until it is answered for. */
    add(event) {
      const waiting = names();
      waiting.slice(0, Math.max(0, waiting.length - ROOM + 1)).forEach(storage.remove);
      const name = `e.${String(now()).padStart(13, "0")}.${String(made++).padStart(5, "0")}.${event.messageId.slice(0, 8)}`;
      const item = JSON.stringify(event);
      if (!storage.set(name, item) && waiting.length) {
        waiting.slice(0, waiting.length >> 1).forEach(storage.remove); // no room: the older half goes
        storage.set(name, item);
      }
    },
    flush,
    /** Hand what waits to something that outlives the page; it stays here, for there is no answer. */
    leave(send) {
      if (now() < until()) return;
      const batch = take();
      if (batch.length) send(batch.map(([, item]) => item));
    },
    clear: () => names().forEach(storage.remove),
    size: () => names().length,
  };
}
