import { useSyncExternalStore } from "react";

const asked = window.matchMedia("(prefers-reduced-motion: reduce)");

function subscribe(changed: () => void): () => void {
  asked.addEventListener("change", changed);
  return () => asked.removeEventListener("change", changed);
}

/** Has the reader asked their system for less motion? */
export function useReducedMotion(): boolean {
  return useSyncExternalStore(subscribe, () => asked.matches);
}
