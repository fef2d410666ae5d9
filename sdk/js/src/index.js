// What may a page call, and what does each call become? Segment's calls, kept in the browser until Homing has answered.
//
// Before consent, where it is asked for, nothing is read, written or sent: calls wait in this page's memory.

import { makeQueue } from "./queue.js";
import { campaignOf, from, makeSession } from "./session.js";
import { makeSlots } from "./slot.js";
import { openStorage } from "./storage.js";
import { watch } from "./watch.js";

const HELD = 200; // calls that wait for consent
const SOON_MS = 300; // calls of one moment travel together

/** A random identifier, also on a page that is not served by https. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function deviceOf(agent) {
  if (/iPad|Tablet|Android(?!.*Mobi)/.test(agent)) return "tablet";
  return /Mobi/.test(agent) ? "mobile" : "desktop";
}

/**
 * @param {object} options
 * @param {string} options.writeKey
 * @param {string} options.host where Homing answers, e.g. https://events.shop.example
 * @param {"required" | "implied"} [options.consent] required: nothing before `consent({analytics: true})`
 * @param {string[]} [options.auto] of pages, clicks, reading; all when absent
 * @param {Window} [window]
 */
export function create(options, window = globalThis.window) {
  const { document, location, navigator } = window;
  const { writeKey } = options;
  const url = `${options.host.replace(/\/+$/, "")}/v1/batch`;
  const auto = options.auto ?? ["pages", "clicks", "reading"];
  const now = () => Date.now();
  const prefix = `homing.${writeKey.slice(-6)}.`;
  const required = options.consent === "required";
  let current = location.href.split("#")[0];
  let before = document.referrer; // the page before this one
  let consent = remembered();
  /** @type {"asked" | "given" | "refused"} */
  let state = consent ? (consent.analytics ? "given" : "refused") : required ? "asked" : "given";
  /** @type {any[]} */
  let held = [];
  /** @type {any} */
  let inner = null; // storage, queue and session, opened when they may be

  /** What was said on an earlier page. Only a yes, or a no to a site that did not ask, was ever written. */
  function remembered() {
    try {
      return JSON.parse(window.localStorage.getItem(prefix + "consent") ?? "null");
    } catch {
      return null;
    }
  }

  const bodyOf = (items) =>
    `{"writeKey":${JSON.stringify(writeKey)},"sentAt":"${new Date(now()).toISOString()}","batch":[${items.join()}]}`;

  async function post(items) {
    const body = bodyOf(items);
    try {
      const got = await window.fetch(url, {
        method: "POST",
        headers: { "content-type": "text/plain" }, // no preflight
        body,
        keepalive: new Blob([body]).size < 64_000, // it may outlive its page
        credentials: "omit",
      });
      return { status: got.status, retryAfter: got.headers.get("retry-after") };
    } catch {
      return { status: 0 };
    }
  }

  function open() {
    if (inner) return inner;
    const storage = openStorage(() => window.localStorage, prefix);
    const later = (run, ms) => window.setTimeout(run, ms);
    inner = { storage, queue: makeQueue({ storage, post, now, later }), session: makeSession(storage, now, newId) };
    return inner;
  }

  function anonymousId() {
    const { storage } = open();
    const known = storage.get("anonymous");
    if (known) return known;
    const made = newId();
    storage.set("anonymous", made);
    return made;
  }

  let soon = 0;
  function keep({ userId, ...item }) {
    const { storage, queue, session } = open();
    const visit = session.touch(item.campaign, item.referrer);
    delete item.campaign;
    delete item.referrer;
    const who = userId ?? storage.get("user");
    Object.assign(item.context, {
      session_id: visit.id,
      session_number: visit.n,
      ...(visit.campaign && { campaign: visit.campaign }),
      ...(visit.referrer && { referrer: { url: visit.referrer } }),
      ...(consent && { consent: { categoryPreferences: consent } }),
    });
    queue.add({ ...item, anonymousId: anonymousId(), ...(who && { userId: who }) });
    soon ||= window.setTimeout(() => {
      soon = 0;
      queue.flush();
    }, SOON_MS);
  }

  const here = () => ({
    path: location.pathname,
    search: location.search,
    url: location.href.split("#")[0],
    title: document.title,
    referrer: before,
  });

  function emit(type, fields, page = here()) {
    if (state === "refused") return;
    const context = {
      library: { name: "homing.js", version: "0.1.0" },
      page,
      device: { type: deviceOf(navigator.userAgent) },
      screen: { width: window.innerWidth, height: window.innerHeight },
      locale: navigator.language,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      userAgent: navigator.userAgent,
    };
    const brought = { campaign: campaignOf(location.search), referrer: from(document.referrer, location.host) };
    const item = { type, messageId: newId(), timestamp: new Date(now()).toISOString(), context, ...brought, ...fields };
    if (state === "given") keep(item);
    else if (held.length < HELD) held.push(item);
  }

  const remember = (name, value) => state === "given" && value && open().storage.set(name, String(value));

  const api = {
    track: (event, properties = {}, page = undefined) => emit("track", { event, properties }, page),
    /** `identify("u-1", {email})`, or `identify({email})` of somebody without an account. */
    identify(userId, traits = {}) {
      if (typeof userId === "object" && userId) return emit("identify", { traits: userId });
      remember("user", userId);
      emit("identify", { userId, traits });
    },
    page(name, properties = {}) {
      const now = location.href.split("#")[0];
      if (now !== current) before = current;
      current = now;
      emit("page", { name, properties: { ...here(), ...properties } });
    },
    group: (groupId, traits = {}) => emit("group", { groupId, traits }),
    alias(userId, previousId) {
      emit("alias", { userId, previousId: previousId ?? (state === "given" ? anonymousId() : undefined) });
      remember("user", userId);
    },
    /** Somebody else sits here now: a new anonymous id, nobody signed in, a new visit. */
    reset() {
      held = held.filter((item) => item.type !== "identify");
      if (state !== "given") return;
      const { storage, session } = open();
      ["anonymous", "user"].forEach(storage.remove);
      session.end();
    },
    /** `{analytics: true}` releases what waited, `{analytics: false}` forgets everything kept here. */
    consent(said) {
      const news = JSON.stringify(said) !== JSON.stringify(consent);
      const waiting = held;
      held = [];
      consent = { ...said };
      state = said.analytics === true ? "given" : "refused";
      if (state === "refused") {
        if (required && !inner && !remembered()) return; // nothing was kept, and silence is a no already
        const { storage } = open();
        storage.names("").forEach(storage.remove);
        if (!required) storage.set("consent", JSON.stringify(said));
        return;
      }
      const { storage, queue } = open();
      storage.set("consent", JSON.stringify(said));
      for (const item of waiting) {
        if (item.type === "identify") remember("user", item.userId);
        if (item.type === "alias") item.previousId ??= anonymousId();
        keep(item);
      }
      if (news) emit("track", { event: "Consent Preference Updated", properties: { ...said } });
      queue.flush();
    },
    /** Show a message in `<div data-homing-slot="…">`. */
    message: (message) => slots.put(message),
    /** Send what waits now. */
    flush: () => (state === "given" ? open().queue.flush() : Promise.resolve()),
    anonymousId: () => (state === "given" ? anonymousId() : null),
  };

  const slots = makeSlots(window, api.track, {
    closed: (id) => state === "given" && open().storage.get(`closed.${id}`) !== null,
    close: (id) => state === "given" && open().storage.set(`closed.${id}`, "1"),
  });

  function begin() {
    const say = { here, page: () => api.page(), track: api.track, rendered: slots.render };
    const { leave } = watch(window, say, (part) => auto.includes(part));
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && api.flush());
    window.addEventListener("pagehide", () => {
      leave();
      if (state === "given") open().queue.leave((items) => navigator.sendBeacon(url, bodyOf(items)));
    });
    window.addEventListener("online", api.flush);
    document.addEventListener("DOMContentLoaded", slots.render);
    if (state === "given") open().queue.flush(); // what an earlier page could not send
  }
  if (document.prerendering) document.addEventListener("prerenderingchange", begin, { once: true });
  else begin();
  return api;
}
