/** Which panels a customer's page has, and in which column: left what she is and does, right what follows from it. */

import type { ComponentType } from "react";

import { Behaviour } from "./Behaviour";
import { Belonging } from "./Belonging";
import { Defined } from "./Defined";
import { Interests } from "./Interests";
import type { PanelProps } from "./panel";
import { Demographics, Others } from "./SaidPanels";
import { Satisfaction } from "./Satisfaction";
import { Social } from "./Social";
import { Spending } from "./Spending";
import { Value } from "./Value";

export const LEFT: ComponentType<PanelProps>[] = [Demographics, Behaviour, Interests, Social, Others];
export const RIGHT: ComponentType<PanelProps>[] = [Value, Spending, Satisfaction, Defined, Belonging];
