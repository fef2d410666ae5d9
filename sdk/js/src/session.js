// Which visit is this, and what brought it? A visit ends after half an hour of silence, or when a campaign brings it anew.

const SILENCE_MS = 30 * 60_000;
const UTM = ["source", "medium", "term", "content", "id"];

/** The campaign an address names, or null. `name` is utm_campaign: what the warehouse calls `campaign`. */
export function campaignOf(search) {
  const asked = new URLSearchParams(search);
  /** @type {Record<string, string>} */
  const found = {};
  const name = asked.get("utm_campaign");
  if (name) found.name = name;
  for (const part of UTM) {
    const value = asked.get(`utm_${part}`);
    if (value) found[part] = value;
  }
  return Object.keys(found).length ? found : null;
}

/** A referrer of another site, else null. */
export function from(referrer, host) {
  try {
    return referrer && new URL(referrer).host !== host ? referrer : null;
  } catch {
    return null;
  }
}

/**
 * @param {ReturnType<import("./storage.js").openStorage>} storage
 * @param {() => number} now milliseconds
 * @param {() => string} newId
 */
export function makeSession(storage, now, newId) {
  const read = () => {
    try {
      return JSON.parse(storage.get("session") ?? "null");
    } catch {
      return null;
    }
  };
  return {
    /** The visit an event belongs to; the event keeps it alive. */
    touch(campaign, referrer) {
      const old = read();
      const over = !old || now() - old.at > SILENCE_MS || old.at - now() > SILENCE_MS;
      const anew = campaign && JSON.stringify(campaign) !== JSON.stringify(old?.campaign);
      const visit = over || anew ? { id: newId(), n: (old?.n ?? 0) + 1, campaign, referrer } : { ...old };
      visit.at = now();
      storage.set("session", JSON.stringify(visit));
      return visit;
    },
    end: () => storage.remove("session"),
  };
}
