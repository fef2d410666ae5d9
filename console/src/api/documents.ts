/** The documents that people write - condition trees and journeys - as the builders edit them. */

import type { Bi } from "./types";

export interface Where {
  property: string;
  op: string;
  value?: unknown;
}

export type Condition =
  | { type: "all" | "any"; of: Condition[] }
  | { type: "not"; of: Condition }
  | { type: "trait"; name: string; op: string; value?: unknown }
  | {
      type: "did";
      event: string;
      where?: Where[];
      measure?: "count" | "sum" | "last" | "first";
      property?: string | null;
      op: string;
      value?: unknown;
      within?: string | null;
    }
  | { type: "absent"; event: string; where?: Where[]; within?: string | null }
  | { type: "in_segment"; segment: string }
  | { type: "share"; percent: number; salt: string };

export interface SegmentDocument {
  kind?: "segment";
  id: string;
  name: Bi;
  condition: Condition;
}

export interface EventMatch {
  event: string;
  where?: Where[];
}

export type JourneyNode =
  | { id: string; type: "delay"; for: string; next?: string }
  | { id: string; type: "delay_until"; time?: string | null; trait?: string | null; zone?: string; next?: string }
  | { id: string; type: "message"; content: string; channel: string; next?: string }
  | {
      id: string;
      type: "wait_for";
      events: (EventMatch & { to: string })[];
      timeout: string;
      timeout_to: string;
      next?: string;
    }
  | { id: string; type: "branch"; condition: Condition; yes: string; no: string; next?: string }
  | { id: string; type: "exit"; next?: string };

export type NodeKind = JourneyNode["type"];

export interface JourneyDocument {
  kind?: "journey";
  id: string;
  name: Bi;
  entry: { type: "segment"; segment: string; existing?: boolean } | ({ type: "event" } & EventMatch);
  reentry?: { type: "never" | "after" | "each"; after?: string | null } | null;
  exit_on?: EventMatch[];
  purpose?: string;
  nodes: JourneyNode[];
}
