/** Where the pages of each kind of model are. */

import type { Kind } from "../../api/models";

export const addressOf: Record<Kind, string> = {
  lookalike: "/models/lookalike",
  clustering: "/models/clusters",
  association: "/models/rules",
  classification: "/models/classification",
};

export const FAMILIES = ["orders", "behaviour", "bought", "viewed", "channels", "traits"] as const;
