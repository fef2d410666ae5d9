/** An edge with the way out it is, how many went, and the plus that takes a new step. */

import { BaseEdge, EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { Dropdown } from "antd";

import type { NodeKind } from "../../api/types";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import type { Edge } from "../../lib/journey";
import type { Route } from "../../lib/layout";
import { iconOf, insertable } from "./kinds";

export interface EdgeData extends Record<string, unknown> {
  edge: Edge;
  count: number | null;
  onInsert: (edge: Edge, kind: NodeKind) => void;
  route: Route;
}

export function EdgeWithCount(props: EdgeProps) {
  const { t, language } = useText();
  const { edge, count, onInsert, route } = props.data as EdgeData;
  const port = edge.port.startsWith("event") ? "event" : edge.port;
  const items = insertable.map((kind) => ({
    key: kind,
    icon: iconOf(kind),
    label: t(`nodeKind.${kind}`),
    onClick: () => onInsert(edge, kind),
  }));
  const { x, y } = route.label;
  return (
    <>
      <BaseEdge path={route.path} markerEnd={props.markerEnd} style={{ stroke: "#9fb0aa", strokeWidth: 1.6 }} />
      <EdgeLabelRenderer>
        <div
          className="edge-label nodrag nopan"
          style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
        >
          {(port !== "next" || count !== null) && (
            <span className="edge-words">
              {port !== "next" && t(`port.${port}`)} {count !== null && <b>{number(count, language)}</b>}
            </span>
          )}
          <Dropdown menu={{ items }} trigger={["click"]}>
            <button type="button" className="edge-add" aria-label={t("journey.addStep")}>
              +
            </button>
          </Dropdown>
        </div>
      </EdgeLabelRenderer>
    </>
  );
}
