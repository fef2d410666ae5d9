/** Where does each step stand? Top to bottom by dagre; the same document always gives the same picture. */

import { graphlib, layout } from "@dagrejs/dagre";

export interface Box {
  id: string;
  width: number;
  height: number;
}

export interface Placed {
  x: number;
  y: number;
}

/** Place boxes so that every edge points down. Positions are top-left corners. */
export function place(boxes: readonly Box[], edges: readonly { from: string; to: string }[]): Map<string, Placed> {
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 56, ranksep: 72, marginx: 24, marginy: 24 });
  graph.setDefaultEdgeLabel(() => ({}));
  boxes.forEach((box) => graph.setNode(box.id, { width: box.width, height: box.height }));
  edges.forEach((edge, index) => graph.setEdge(edge.from, edge.to, {}, String(index)));
  layout(graph);
  return new Map(
    boxes.map((box) => {
      const node = graph.node(box.id) as { x: number; y: number };
      return [box.id, { x: node.x - box.width / 2, y: node.y - box.height / 2 }];
    }),
  );
}

/** Points on an ellipse, the first at the top, clockwise. For the small graph of one customer's identifiers. */
export function around(count: number, centre: Placed, radius: Placed): Placed[] {
  return Array.from({ length: count }, (_, index) => {
    const angle = (2 * Math.PI * index) / Math.max(count, 1) - Math.PI / 2;
    return { x: centre.x + radius.x * Math.cos(angle), y: centre.y + radius.y * Math.sin(angle) };
  });
}
