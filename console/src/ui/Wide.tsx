/** What is wider than a narrow window scrolls inside itself, by pointer or, once focused, by the arrow keys. */

import type { ReactNode } from "react";

export function Wide({ label, least, children }: { label: string; least: number; children: ReactNode }) {
  return (
    // A box that scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="wide" role="region" aria-label={label} tabIndex={0}>
      <div style={{ minWidth: least }}>{children}</div>
    </div>
  );
}
