/** The shapes of the admin API by the names pages use, all from the generated `schema.d.ts`; documents get their own types. */

import type { Condition, JourneyDocument, SegmentDocument } from "./documents";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type * from "./documents";

export interface List<T> {
  items: T[];
  next?: string | null;
  total?: number | null;
  as_of?: string | null;
}

export type Bi = Schemas["Bi"];
export type Session = Schemas["SessionOut"];
export type User = Schemas["UserOut"];
export type Workspace = Schemas["WorkspaceOut"];

export type Overview = Schemas["OverviewOut"];
export type StageState = Schemas["StageOut"];
export type Stage = StageState["stage"];
export type Figure = Schemas["FigureOut"];
export type Day = Schemas["DayOut"];
export type DemoState = Schemas["DemoOut"];

export type CustomerRow = Schemas["CustomerRowOut"];
export type CustomerList = Schemas["CustomerPage"];
export type Customer = Schemas["CustomerOut"];
export type TraitValue = Schemas["TraitValueOut"];
export type TimelineItem = Schemas["TimelineOut"];
export type Identity = Schemas["IdentityOut"];
export type IdRef = Schemas["IdOut"];
export type SendRow = Schemas["SendOut"];
export type SentMessage = Schemas["MessageOut"];

export type Catalogue = Schemas["CatalogueOut"];
export type Field = Schemas["FieldOut"];
export type ValueType = Field["type"];

export type Segment = Omit<Schemas["SegmentOut"], "condition"> & SegmentDocument;
export type SegmentPreview = Schemas["PreviewOut"];
export type PreviewAsked = { condition: Condition };

export type NodeCounts = Partial<Schemas["NodeOut"]>;
export type Journey = Omit<Schemas["JourneyOut"], "document" | "nodes"> & {
  document: JourneyDocument;
  nodes: Record<string, NodeCounts>;
};
export type JourneyRow = Schemas["JourneyRowOut"];

export type CampaignDocument = Schemas["CampaignOut"];
export type CampaignResult = Schemas["ResultOut"];
export type Lift = Schemas["LiftOut"];
export type Estimate = Schemas["Estimate"];

export type LiveEvent = Schemas["EventOut"];
export type Rejected = Schemas["RejectedOut"];
export type ImportRun = Schemas["ImportOut"];
export type ImportOutcome = Schemas["ImportResultOut"];
export type ImportLook = Schemas["LookOut"];
export type ColumnLook = Schemas["ColumnLookOut"];

export type FunnelStep = Schemas["FunnelStepOut"];
export type Funnel = Schemas["FunnelOut"];
export type Rfm = Schemas["RfmGridOut"];
export type Trend = Schemas["TrendOut"];

export type ApiKey = Schemas["KeyOut"];
export type NewApiKey = Schemas["NewKeyOut"];
