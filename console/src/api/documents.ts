/** The documents that people write - condition trees and journeys - as the builders edit them. */

import type { Bi } from "./types";

export interface Where {
  property: string;
  op: string;
  value?: unknown;
}

export interface Circle {
  lat: number;
  lng: number;
  km: number;
  lat_property?: string;
  lng_property?: string;
}

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

export interface Clock {
  start?: string | null;
  end?: string | null;
  weekdays?: Weekday[] | null;
}

/** An event and what narrows it. */
export interface Happening {
  event: string;
  where?: Where[];
  near?: Circle | null;
  clock?: Clock | null;
}

export type Step = Happening & { gap?: string | null };

/** Rolling by exact days, or by the customer's own calendar; neither is ever. */
export interface Windowed {
  within?: string | null;
  during?: string | null;
}

export type Condition =
  | { type: "all" | "any"; of: Condition[] }
  | { type: "not"; of: Condition }
  | { type: "trait"; name: string; op: string; value?: unknown }
  | { type: "tag"; tag: string; op: string; value?: unknown }
  | { type: "place"; level: "country" | "region" | "city"; places: string[] }
  | { type: "near"; lat: number; lng: number; km: number; lat_trait?: string; lng_trait?: string }
  | ({
      type: "did";
      measure?: "count" | "sum" | "last" | "first";
      property?: string | null;
      op: string;
      value?: unknown;
    } & Happening &
      Windowed)
  | ({ type: "absent" } & Happening & Windowed)
  | ({ type: "sequence"; steps: Step[]; span?: string | null } & Windowed)
  | { type: "top"; trait: string; n?: number | null; percent?: number | null; order?: "highest" | "lowest" }
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
