/** Where does each step stand, and which way does each line go? By dagre, top to bottom; the same document, the same picture. */

import { graphlib, layout } from "@dagrejs/dagre";

export interface Box {
  id: string;
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Route {
  /** Drawn as an SVG path. */
  path: string;
  /** The middle of the room that was kept for the line's words. */
  label: Point;
}

export interface Picture {
  /** Top-left corner of each box. */
  boxes: Map<string, Point>;
  /** One route for each edge, in the order they were given. */
  routes: Route[];
}

const LABEL = { width: 132, height: 26, labelpos: "c" };
const CORNER = 12;

/** Place boxes so that every edge points down, and lead each edge around the boxes and past the words of the others. */
export function place(boxes: readonly Box[], edges: readonly { from: string; to: string }[]): Picture {
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 36, edgesep: 24, ranksep: 20, marginx: 24, marginy: 24 });
  boxes.forEach((box) => graph.setNode(box.id, { width: box.width, height: box.height }));
  edges.forEach((edge, index) => graph.setEdge(edge.from, edge.to, { ...LABEL }, String(index)));
  layout(graph);
  const at = new Map(
    boxes.map((box) => {
      const node = graph.node(box.id) as Point;
      return [box.id, { x: node.x - box.width / 2, y: node.y - box.height / 2 }];
    }),
  );
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const routes = edges.map((edge, index) => {
    const drawn = graph.edge(edge.from, edge.to, String(index)) as Point & { points: Point[] };
    const start = bottomOf(byId.get(edge.from), at.get(edge.from));
    const end = topOf(byId.get(edge.to), at.get(edge.to));
    const inner = drawn.points.slice(1, -1).filter((point) => point.y > start.y && point.y < end.y);
    return { path: orthogonal([start, ...inner, end]), label: { x: drawn.x, y: drawn.y } };
  });
  return { boxes: at, routes };
}

function bottomOf(box: Box | undefined, corner: Point | undefined): Point {
  return { x: (corner?.x ?? 0) + (box?.width ?? 0) / 2, y: (corner?.y ?? 0) + (box?.height ?? 0) };
}

function topOf(box: Box | undefined, corner: Point | undefined): Point {
  return { x: (corner?.x ?? 0) + (box?.width ?? 0) / 2, y: corner?.y ?? 0 };
}

/** A path through the points that only goes down and sideways: sideways half-way between two of them, corners rounded. */
export function orthogonal(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M${first.x} ${first.y}`;
  let from = first;
  for (const to of rest) {
    const side = Math.sign(to.x - from.x);
    const turn = Math.min(CORNER, Math.abs(to.x - from.x) / 2, Math.max(0, (to.y - from.y) / 2));
    if (side !== 0 && turn > 0.5) {
      const y = (from.y + to.y) / 2;
      path += `V${y - turn}Q${from.x} ${y} ${from.x + side * turn} ${y}`;
      path += `H${to.x - side * turn}Q${to.x} ${y} ${to.x} ${y + turn}`;
    }
    path += `V${to.y}`;
    from = to;
  }
  return path;
}

/** Points on an ellipse, the first at the top, clockwise. For the small graph of one customer's identifiers. */
export function around(count: number, centre: Point, radius: Point): Point[] {
  return Array.from({ length: count }, (_, index) => {
    const angle = (2 * Math.PI * index) / Math.max(count, 1) - Math.PI / 2;
    return { x: centre.x + radius.x * Math.cos(angle), y: centre.y + radius.y * Math.sin(angle) };
  });
}
