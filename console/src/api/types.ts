/** The shapes of the admin API under /api, as the console reads them. Times are ISO-8601 in UTC. */

export interface Bi {
  en: string;
  zh: string;
}

export interface List<T> {
  items: T[];
  next?: string | null;
  total?: number | null;
  as_of?: string | null;
}

export interface Clock {
  now: string;
  kind: "system" | "virtual" | "scaled";
  speed?: number | null;
}

export interface Workspace {
  name: string;
  zone: string;
  currency: string;
  demo: boolean;
  clock: Clock;
}

export interface User {
  email: string;
  name: string;
  role: string;
}

export interface Session {
  setup_needed: boolean;
  user: User | null;
  workspace: Workspace | null;
}

export type Stage = "collect" | "understand" | "decide" | "act" | "measure";

export interface Figure {
  key: string;
  value: number | null;
  unit?: string | null;
  label: Bi;
}

export interface StageState {
  stage: Stage;
  as_of: string | null;
  lag_ms: number | null;
  figures: Figure[];
}

export interface Day {
  day: string;
  events: number;
  orders: number;
  revenue: number;
  sends: number;
  opened: number;
  clicked: number;
}

export interface DemoState {
  running: boolean;
  day: number | string | null;
  of_days: number | null;
  truth?: unknown;
  note?: Bi | null;
}

export interface Overview {
  as_of: string;
  stages: StageState[];
  daily: Day[];
  demo?: DemoState | null;
}

export interface CustomerRow {
  customer_id: string;
  name: string | null;
  email: string | null;
  stage: string | null;
  rfm: string | null;
  orders: number | null;
  revenue: number | null;
  last_order_at: string | null;
  last_seen_at: string | null;
  ids: number | { type: string; value: string }[] | null;
}

export interface TraitValue {
  name: string;
  label?: Bi | string | null;
  value: unknown;
  source: string | null;
  as_of: string | null;
}

export interface Customer {
  customer_id: string;
  traits: TraitValue[];
  stats: {
    orders: number | null;
    revenue: number | null;
    average_order: number | null;
    first_order_at: string | null;
    last_order_at: string | null;
    active_hour: number | null;
    active_hours: number[] | null;
    favourite_category: string | null;
    categories: { name: string; share: number; n: number }[] | null;
  } | null;
  rfm: { r: number; f: number; m: number; name: string } | null;
  stage: string | null;
  churn: { risk: number | null; basis: Bi | string | null } | null;
  tags: string[] | null;
  segments: { id: string; name: Bi | string; since: string | null }[];
  consent: { purpose: string; channel: string; status: string; since: string | null; source: string | null }[];
  journeys: { journey: string; node: string; since: string | null }[];
  merged_into: string | null;
}

export interface TimelineItem {
  event_id: string;
  kind: string;
  name: string | null;
  happened_at: string;
  received_at: string;
  source: string | null;
  properties: Record<string, unknown>;
  summary: Bi | string | null;
}

export interface IdRef {
  type: string;
  value: string;
}

export interface Identity {
  identifiers: (IdRef & { first_at: string | null; last_at: string | null; status: string; source: string | null })[];
  edges: { a: IdRef; b: IdRef; event_id: string | null; source: string | null; at: string | null }[];
  merges: { at: string; loser: string; winner: string; reason: Bi | string | null; evidence: unknown }[];
}

export interface SendRow {
  send_key: string;
  at: string;
  channel: string;
  campaign: string | null;
  journey: string | null;
  node: string | null;
  status: string;
  reason: string | null;
  reason_text: Bi | null;
  subject: string | null;
  opened_at: string | null;
  clicked_at: string | null;
}

export interface SentMessage {
  subject: string | null;
  html: string | null;
  text: string | null;
  headers: Record<string, string> | [string, string][] | null;
  status: string;
  history: { status: string; at: string }[];
}

export type ValueType = "string" | "number" | "time" | "boolean";

export interface Catalogue {
  events: { name: string; n: number; properties: { name: string; type: ValueType; examples: unknown[] }[] }[];
  traits: { name: string; label: Bi | null; type: ValueType; examples: unknown[] }[];
  operators: Record<ValueType, string[]>;
}

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

export interface Segment extends SegmentDocument {
  count: number | null;
  as_of: string | null;
  sentence: Bi | null;
  version: number | null;
}

export interface SegmentPreview {
  count: number;
  total: number;
  sentence: Bi;
  ms: number;
  as_of: string | null;
  examples: CustomerRow[];
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

export interface NodeCounts {
  reached?: number;
  waiting?: number;
  refused?: Record<string, number>;
  sent?: number;
  opened?: number;
  clicked?: number;
}

export type JourneyStatus = "draft" | "live" | "paused";

export interface Journey {
  document: JourneyDocument;
  version: number | null;
  status: JourneyStatus;
  nodes: Record<string, NodeCounts>;
  edges: Record<string, number>;
  errors: { node: string | null; message: Bi }[];
}

export interface JourneyRow {
  id: string;
  name: Bi;
  status: JourneyStatus;
  version: number | null;
  entered?: number | null;
  waiting?: number | null;
  sent?: number | null;
}

export interface CampaignDocument {
  kind?: "campaign";
  id: string;
  name: Bi;
  segment: string;
  journey: string;
  holdout: { percent: number };
  outcome: { event: string; value: string; window: string };
  status?: string | null;
}

export interface Estimate {
  estimate: number;
  low: number;
  high: number;
  level: number;
  n_treated: number;
  n_control: number;
}

export interface Lift {
  metric: "orders" | "revenue" | "conversion";
  per_customer: Estimate;
  total: Estimate | null;
  control_mean: number | null;
  treated_mean: number | null;
  p_value: number | null;
}

export interface CampaignResult {
  campaign: string;
  as_of: string;
  window_days: number;
  eligible: number;
  control: number;
  treated: number;
  sent: number;
  refused: Record<string, number>;
  opened: number;
  clicked: number;
  bought: number;
  lift: Lift[];
  truth: { metric: string; value: number }[] | null;
  srm: { p_value: number } | null;
  daily: { day: string; treated: number | null; control: number | null }[];
}

export interface LiveEvent {
  offset?: number;
  event_id: string;
  kind: string;
  name: string | null;
  happened_at: string;
  received_at: string;
  source: string | null;
  customer_id: string | null;
  properties?: Record<string, unknown>;
  [more: string]: unknown;
}

export interface Rejected {
  rejected_id: string | number;
  at: string;
  source: string | null;
  reason: { code: string; message: string | Bi };
  body: unknown;
}

export interface FunnelStep {
  name: string;
  people: number;
  share_of_first: number | null;
  share_of_previous: number | null;
  median_seconds: number | null;
}

export interface Funnel {
  steps: FunnelStep[];
  as_of: string;
  sql?: string | { sql: string } | null;
}

export interface Rfm {
  cells: { name: string; label: Bi | string; people: number; revenue: number }[];
  grid: { r: number; f: number; people: number }[];
  as_of: string;
}

export interface Trend {
  metric: string;
  as_of?: string | null;
  points: { day: string; value: number | null }[];
}
