/** A step on the canvas: its kind, its setting in a line, its counts, and any error it has. */

import { LoginOutlined } from "@ant-design/icons";
import { Handle, Position, type NodeProps } from "@xyflow/react";

import { useNames } from "../../api/names";
import type { Journey, JourneyDocument, JourneyNode, NodeCounts } from "../../api/types";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { ENTRY } from "../../lib/journey";
import { iconOf, wordsOf } from "./kinds";

export interface StepData extends Record<string, unknown> {
  document: JourneyDocument;
  journey: Journey;
  node?: JourneyNode;
  chosen: boolean;
}

type Count = keyof Omit<NodeCounts, "refused">;
const SHOWN: Record<"message" | "other", Count[]> = {
  message: ["waiting", "sent", "opened", "clicked"],
  other: ["reached", "waiting"],
};

function Counts({ counts, of }: { counts: NodeCounts | undefined; of: "message" | "other" }) {
  const { t, language } = useText();
  if (!counts) return null;
  const refused = Object.values(counts.refused ?? {}).reduce((sum, count) => sum + count, 0);
  const known = SHOWN[of].filter((name) => (counts[name] ?? 0) > 0);
  return (
    <div className="step-counts">
      {known.map((name) => (
        <span key={name}>
          {t(`nodeCount.${name}`)} <b>{number(counts[name], language)}</b>
        </span>
      ))}
      {refused > 0 && (
        <span>
          {t("nodeCount.refused")} <b>{number(refused, language)}</b>
        </span>
      )}
    </div>
  );
}

export function StepNode({ data }: NodeProps) {
  const texts = { ...useText(), names: useNames() };
  const { node, journey, chosen } = data as StepData;
  if (!node) return null;
  const words = wordsOf(node, texts);
  const error = journey.errors.find((one) => one.node === node.id);
  return (
    <div className={`step ${chosen ? "step-chosen" : ""} ${error ? "step-bad" : ""}`}>
      <Handle type="target" position={Position.Top} isConnectable={false} style={{ opacity: 0 }} />
      <div className="step-top">
        <span className="step-icon" aria-hidden>
          {iconOf(node.type)}
        </span>
        <div className="step-text">
          <div className="step-kind">{texts.t(`nodeKind.${node.type}`)}</div>
          <div className="step-words" title={words}>
            {words}
          </div>
        </div>
      </div>
      {error ? (
        <div className="step-error" role="alert" title={texts.bi(error.message)}>
          {texts.bi(error.message)}
        </div>
      ) : (
        <Counts counts={journey.nodes[node.id]} of={node.type === "message" ? "message" : "other"} />
      )}
      {node.type !== "exit" && (
        <Handle type="source" position={Position.Bottom} isConnectable={false} style={{ opacity: 0 }} />
      )}
    </div>
  );
}

export function EntryNode({ data }: NodeProps) {
  const { t, code, language } = useText();
  const names = useNames();
  const { document, journey, chosen } = data as StepData;
  const { entry } = document;
  const words =
    entry.type === "segment"
      ? t("journey.entersSegment", { segment: names("segment", entry.segment) })
      : t("journey.entersEvent", { event: code("event", entry.event) });
  const first = document.nodes[0];
  const entered = journey.nodes[ENTRY]?.reached ?? (first && journey.nodes[first.id]?.reached);
  return (
    <div className={`step step-entry ${chosen ? "step-chosen" : ""}`}>
      <div className="step-top">
        <span className="step-icon" aria-hidden>
          <LoginOutlined aria-hidden />
        </span>
        <div className="step-text">
          <div className="step-kind">{t("journey.entry")}</div>
          <div className="step-words" title={words}>
            {words}
          </div>
        </div>
      </div>
      {entered !== undefined && (
        <div className="step-counts">
          <span>
            {t("journey.entered")} <b>{number(entered, language)}</b>
          </span>
        </div>
      )}
      <Handle type="source" position={Position.Bottom} isConnectable={false} style={{ opacity: 0 }} />
    </div>
  );
}
