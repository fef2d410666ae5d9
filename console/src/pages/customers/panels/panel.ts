/** What every panel of a customer's page is given; a panel is one file, and a line in `panels/index.ts`. */

import type { View } from "../../../api/customers";
import type { Customer } from "../../../api/types";

export interface PanelProps {
  customer: Customer;
  view: View;
  /** The instant chosen, as an ISO date; undefined is now. */
  at: string | undefined;
}
