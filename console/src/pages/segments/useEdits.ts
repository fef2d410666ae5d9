import { useEffect, useState } from "react";

import { begin, put, redo, undo } from "../../lib/history";

/** Something that is edited, and can be undone and done again. */
export function useEdits<T>(first: () => T) {
  const [edits, setEdits] = useState(() => begin(first()));
  return {
    now: edits.now,
    put: (next: T) => setEdits((known) => put(known, next)),
    undo: () => setEdits(undo),
    redo: () => setEdits(redo),
    canUndo: edits.past.length > 0,
    canRedo: edits.future.length > 0,
  };
}

/** What Ctrl (or Command) and a key does; a capital letter is the key with Shift. */
export function useKeys(keys: Partial<Record<string, () => void>>) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.length !== 1) return;
      const key = event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase();
      if (!(key in keys)) return;
      event.preventDefault();
      keys[key]?.();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
}
