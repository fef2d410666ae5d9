/** What was before, and what was taken back: every state of something that is edited, as one value. */

export interface Edits<T> {
  past: readonly T[];
  now: T;
  future: readonly T[];
}

const DEPTH = 200;

export function begin<T>(now: T): Edits<T> {
  return { past: [], now, future: [] };
}

/** A new state; what was taken back before is forgotten. Nothing changes when it is the same. */
export function put<T>(edits: Edits<T>, next: T): Edits<T> {
  if (JSON.stringify(next) === JSON.stringify(edits.now)) return edits;
  return { past: [...edits.past, edits.now].slice(-DEPTH), now: next, future: [] };
}

export function undo<T>(edits: Edits<T>): Edits<T> {
  const now = edits.past.at(-1);
  if (now === undefined) return edits;
  return { past: edits.past.slice(0, -1), now, future: [edits.now, ...edits.future] };
}

export function redo<T>(edits: Edits<T>): Edits<T> {
  const [now, ...future] = edits.future;
  if (now === undefined) return edits;
  return { past: [...edits.past, edits.now], now, future };
}
