/** What each node kind says about itself; one file a kind, gathered in `index.ts`. */

import type { ComponentType, ReactNode } from "react";

import type { Names } from "../../../api/names";
import type { JourneyNode, NodeKind } from "../../../api/types";
import type { useText } from "../../../i18n";

export type Texts = ReturnType<typeof useText> & { names: Names };

export interface SettingsProps<N extends JourneyNode> {
  node: N;
  onChange: (node: N) => void;
}

export interface Kind<K extends NodeKind> {
  kind: K;
  icon: ReactNode;
  /** One line on the canvas. */
  words: (node: Extract<JourneyNode, { type: K }>, texts: Texts) => string;
  Settings: ComponentType<SettingsProps<Extract<JourneyNode, { type: K }>>>;
}
