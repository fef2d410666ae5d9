// Where is something kept? In the browser's storage where it may be, else in this page only.

/**
 * @param {() => Storage} area asking for it may throw already, as in a sandboxed frame
 * @param {string} prefix of every name, so that two workspaces on one site do not meet
 */
export function openStorage(area, prefix) {
  /** @type {Map<string, string>} */
  const memory = new Map();
  /** @type {Storage | null} */
  let kept = null;
  try {
    const found = area();
    found.setItem(prefix + "probe", "1");
    found.removeItem(prefix + "probe");
    kept = found;
  } catch {
    // private mode, a full disk, a policy: this page still works, it only forgets
  }
  return {
    get: (name) => (kept ? kept.getItem(prefix + name) : memory.get(name)) ?? null,
    /** @returns {boolean} whether there was room */
    set(name, value) {
      try {
        if (kept) kept.setItem(prefix + name, value);
        else memory.set(name, value);
        return true;
      } catch {
        return false;
      }
    },
    remove(name) {
      if (kept) kept.removeItem(prefix + name);
      else memory.delete(name);
    },
    /** The names that begin so, in order. */
    names(start) {
      const all = kept ? Object.keys(kept) : [...memory.keys()].map((name) => prefix + name);
      return all
        .filter((name) => name.startsWith(prefix + start))
        .map((name) => name.slice(prefix.length))
        .sort();
    },
  };
}
