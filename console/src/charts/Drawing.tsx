/** Boxes and the lines between them: they are looked at and chosen, by pointer or key; nothing is dragged or drawn. */

import "@xyflow/react/dist/style.css";

import { Background, Controls, ReactFlow, type ReactFlowProps } from "@xyflow/react";

import { colour } from "../app/theme";
import { useText } from "../i18n";

interface Props extends Pick<ReactFlowProps, "nodes" | "edges" | "nodeTypes" | "edgeTypes" | "edgesFocusable"> {
  /** The smallest scale at which the whole is still shown at first. */
  least: number;
  onNode: (id: string) => void;
  onEdge?: (id: string) => void;
  /** Told when what was chosen is let go. */
  onNone: () => void;
}

export function Drawing({ least, onNode, onEdge, onNone, ...drawn }: Props) {
  const { t } = useText();
  return (
    <ReactFlow
      {...drawn}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable
      deleteKeyCode={null}
      fitView
      fitViewOptions={{ padding: 0.11, maxZoom: 1, minZoom: least }}
      minZoom={least / 2}
      maxZoom={1.8}
      onNodeClick={(_, node) => onNode(node.id)}
      onEdgeClick={(_, edge) => onEdge?.(edge.id)}
      onPaneClick={onNone}
      onSelectionChange={({ nodes, edges }) => {
        if (onEdge && edges[0]) onEdge(edges[0].id);
        else if (!onEdge && nodes[0]) onNode(nodes[0].id);
      }}
      ariaLabelConfig={{
        "node.a11yDescription.default": t("canvas.nodeHelp"),
        "edge.a11yDescription.default": t("canvas.edgeHelp"),
        "controls.ariaLabel": t("canvas.controls"),
        "controls.zoomIn.ariaLabel": t("canvas.zoomIn"),
        "controls.zoomOut.ariaLabel": t("canvas.zoomOut"),
        "controls.fitView.ariaLabel": t("canvas.fit"),
        "handle.ariaLabel": t("canvas.handle"),
      }}
    >
      <Background color={colour.line} gap={22} />
      <Controls showInteractive={false} />
    </ReactFlow>
  );
}
