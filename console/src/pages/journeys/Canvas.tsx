/** The drawing: dagre from top to bottom; nothing is dragged, steps go in at the plus on an edge. */

import { MarkerType, type Edge as FlowEdge, type Node as FlowNode } from "@xyflow/react";
import { useMemo } from "react";

import type { Journey, JourneyDocument, NodeKind } from "../../api/types";
import { Drawing } from "../../charts/Drawing";
import { useText } from "../../i18n";
import { edgesOf, ENTRY, type Edge } from "../../lib/journey";
import { place } from "../../lib/layout";
import { EdgeWithCount, type EdgeData } from "./EdgeWithCount";
import { EntryNode, StepNode, type StepData } from "./StepNode";

const SIZE = { width: 288, height: 82 };
const nodeTypes = { step: StepNode, entry: EntryNode };
const edgeTypes = { count: EdgeWithCount };

interface Props {
  document: JourneyDocument;
  journey: Journey;
  chosen: string | null;
  choose: (id: string | null) => void;
  onInsert: (edge: Edge, kind: NodeKind) => void;
}

export function Canvas({ document, journey, chosen, choose, onInsert }: Props) {
  const { t } = useText();
  const edges = useMemo(() => edgesOf(document), [document]);
  const picture = useMemo(() => {
    const ids = [ENTRY, ...document.nodes.map((node) => node.id)];
    return place(
      ids.map((id) => ({ id, ...SIZE })),
      edges,
    );
  }, [document, edges]);
  const nodes: FlowNode[] = [
    {
      id: ENTRY,
      type: "entry",
      position: picture.boxes.get(ENTRY) ?? { x: 0, y: 0 },
      data: { document, journey, chosen: chosen === ENTRY } satisfies StepData,
      ariaLabel: t("journey.entry"),
    },
    ...document.nodes.map((node) => ({
      id: node.id,
      type: "step",
      position: picture.boxes.get(node.id) ?? { x: 0, y: 0 },
      data: { document, journey, node, chosen: chosen === node.id } satisfies StepData,
      ariaLabel: `${t(`nodeKind.${node.type}`)} ${node.id}`,
    })),
  ];
  const drawn: FlowEdge[] = edges.map((edge, index) => ({
    id: `${edge.from}>${edge.to}:${edge.port}`,
    source: edge.from,
    target: edge.to,
    type: "count",
    focusable: false,
    markerEnd: { type: MarkerType.ArrowClosed, color: "#9fb0aa", width: 16, height: 16 },
    data: {
      edge,
      count: journey.edges[`${edge.from}>${edge.to}`] ?? null,
      onInsert,
      route: picture.routes[index] ?? { path: "", label: { x: 0, y: 0 } },
    } satisfies EdgeData,
  }));
  return (
    <div className="canvas">
      <Drawing
        nodes={nodes}
        edges={drawn}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        edgesFocusable={false}
        least={0.35}
        onNode={choose}
        onNone={() => choose(null)}
      />
    </div>
  );
}
