import type { ReactNode } from "react";

export type Tone = "quiet" | "sea" | "lamp" | "good" | "bad" | "slate";

export function Pill({ tone = "quiet", children, title }: { tone?: Tone; children: ReactNode; title?: string }) {
  return (
    <span className={`pill pill-${tone}`} title={title}>
      {children}
    </span>
  );
}

const TONES: Record<string, Tone> = {
  live: "good",
  accepted: "good",
  delivered: "good",
  granted: "good",
  active: "good",
  queued: "slate",
  handing: "slate",
  planned: "slate",
  paused: "lamp",
  refused: "lamp",
  deferred: "lamp",
  unknown: "lamp",
  withdrawn: "bad",
  failed: "bad",
  bounced: "bad",
};

/** The tone that a status word from the server is shown in. */
export function toneOf(status: string | null | undefined): Tone {
  return TONES[status ?? ""] ?? "quiet";
}
