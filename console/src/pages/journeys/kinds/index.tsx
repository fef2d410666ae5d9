/** Every node kind there is. A new kind is one file and one line here. */

import type { ComponentType, ReactNode } from "react";

import type { JourneyNode, NodeKind } from "../../../api/types";
import { branch } from "./branch";
import { delay } from "./delay";
import { delayUntil } from "./delayUntil";
import { exit } from "./exit";
import type { Kind, SettingsProps, Texts } from "./kind";
import { message } from "./message";
import { waitFor } from "./waitFor";

const kinds: { [K in NodeKind]: Kind<K> } = {
  delay,
  delay_until: delayUntil,
  message,
  wait_for: waitFor,
  branch,
  exit,
};

/** Kinds that may be put into an edge; an exit ends a path, so it is not one. */
export const insertable: NodeKind[] = ["message", "delay", "delay_until", "wait_for", "branch"];

export function iconOf(kind: NodeKind): ReactNode {
  return kinds[kind].icon;
}

export function wordsOf(node: JourneyNode, texts: Texts): string {
  const words = kinds[node.type].words as (node: JourneyNode, texts: Texts) => string;
  return words(node, texts);
}

export function NodeSettings({ node, onChange }: SettingsProps<JourneyNode>) {
  const Settings = kinds[node.type].Settings as ComponentType<SettingsProps<JourneyNode>>;
  return <Settings node={node} onChange={onChange} />;
}
