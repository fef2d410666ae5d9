/** Where the pages of each kind of model are. */

import type { Kind } from "../../api/models";
import type { Condition } from "../../api/types";

/** A new segment, begun with a condition on what the model wrote. */
export const segmentOf = (condition: Condition) =>
  `/segments/new?${new URLSearchParams({ condition: JSON.stringify(condition) }).toString()}`;

export const addressOf: Record<Kind, string> = {
  lookalike: "/models/lookalike",
  clustering: "/models/clusters",
  association: "/models/rules",
  classification: "/models/classification",
};

export const FAMILIES = ["orders", "behaviour", "bought", "viewed", "channels", "traits"] as const;
