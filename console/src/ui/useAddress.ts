/** Filters live in the address, so that a view can be sent to a colleague and Back works. */

import { useCallback } from "react";
import { useSearchParams } from "react-router";

export function useAddress() {
  const [search, setSearch] = useSearchParams();
  const get = (name: string) => search.get(name) ?? undefined;
  const all = (name: string) => search.getAll(name);
  const set = useCallback(
    (changes: Record<string, string | readonly string[] | undefined>, replace = false) =>
      setSearch(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            after.delete(name);
            if (typeof value === "string" && value) after.set(name, value);
            else if (Array.isArray(value)) value.forEach((one: string) => after.append(name, one));
          }
          return after;
        },
        { replace },
      ),
    [setSearch],
  );
  return { get, all, set };
}
