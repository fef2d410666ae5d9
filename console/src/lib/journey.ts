/** Edits a journey document so that it can never be drawn wrong: steps go into an edge, and edges mend themselves. */

import type { Condition, JourneyDocument, JourneyNode, NodeKind } from "../api/types";

export const ENTRY = "@entry";

export interface Edge {
  from: string;
  to: string;
  /** Which way out of the node: "next", "yes", "no", "timeout" or "event:0". */
  port: string;
}

/** Every way out of a node, in the order it is drawn. */
export function exits(node: JourneyNode): Edge[] {
  const edges: (Edge | null)[] = [];
  const out = (port: string, to: string | undefined) => (to ? { from: node.id, to, port } : null);
  switch (node.type) {
    case "wait_for":
      node.events.forEach((event, index) => edges.push(out(`event:${index}`, event.to)));
      edges.push(out("timeout", node.timeout_to));
      break;
    case "branch":
      edges.push(out("yes", node.yes), out("no", node.no));
      break;
    case "exit":
      break;
    default:
      edges.push(out("next", node.next));
  }
  return edges.filter((edge): edge is Edge => edge !== null);
}

export function edgesOf(document: JourneyDocument): Edge[] {
  const first = document.nodes[0];
  const entry: Edge[] = first ? [{ from: ENTRY, to: first.id, port: "next" }] : [];
  return [...entry, ...document.nodes.flatMap(exits)];
}

/** The node with one of its ways out led somewhere else. */
export function redirect(node: JourneyNode, port: string, to: string): JourneyNode {
  if (node.type === "branch") return port === "yes" ? { ...node, yes: to } : { ...node, no: to };
  if (node.type === "wait_for") {
    if (port === "timeout") return { ...node, timeout_to: to };
    const position = Number(port.split(":")[1]);
    return { ...node, events: node.events.map((event, index) => (index === position ? { ...event, to } : event)) };
  }
  return { ...node, next: to };
}

export function freshId(document: JourneyDocument, kind: NodeKind): string {
  const taken = new Set(document.nodes.map((node) => node.id));
  for (let count = 1; ; count += 1) {
    const id = `${kind}_${count}`;
    if (!taken.has(id)) return id;
  }
}

const DORMANT: Condition = { type: "trait", name: "lifecycle_stage", op: "eq", value: "dormant" };

export function freshNode(kind: NodeKind, id: string, next: string, content: string): JourneyNode {
  switch (kind) {
    case "delay":
      return { id, type: "delay", for: "1d", next };
    case "delay_until":
      return { id, type: "delay_until", time: "10:00", zone: "customer", next };
    case "message":
      return { id, type: "message", content, channel: "email", next };
    case "wait_for":
      return {
        id,
        type: "wait_for",
        events: [{ event: "Order Completed", where: [], to: next }],
        timeout: "3d",
        timeout_to: next,
      };
    case "branch":
      return { id, type: "branch", condition: DORMANT, yes: next, no: next };
    case "exit":
      return { id, type: "exit" };
  }
}

/** Put a new step into an edge: what led to `edge.to` leads to the step, and the step leads on. */
export function insert(document: JourneyDocument, edge: Edge, kind: NodeKind, content: string) {
  const id = freshId(document, kind);
  const node = freshNode(kind, id, edge.to, content);
  const position = document.nodes.findIndex((one) => one.id === edge.to);
  const led = document.nodes.map((one) => (one.id === edge.from ? redirect(one, edge.port, id) : one));
  const nodes = [...led.slice(0, position), node, ...led.slice(position)];
  return { document: { ...document, nodes }, id };
}

export function replaceNode(document: JourneyDocument, node: JourneyNode): JourneyDocument {
  return { ...document, nodes: document.nodes.map((one) => (one.id === node.id ? node : one)) };
}

/** Take a step out; whatever led to it leads to where its first way out went. An exit cannot be taken out. */
export function removeNode(document: JourneyDocument, id: string): JourneyDocument {
  const gone = document.nodes.find((node) => node.id === id);
  const onward = gone && exits(gone)[0]?.to;
  if (!gone || !onward || onward === id) return document;
  const nodes = document.nodes
    .filter((node) => node.id !== id)
    .map((node) =>
      exits(node).reduce((kept, edge) => (edge.to === id ? redirect(kept, edge.port, onward) : kept), node),
    );
  const first = document.nodes[0]?.id === id ? nodes.find((node) => node.id === onward) : undefined;
  return reachable({ ...document, nodes: first ? [first, ...nodes.filter((node) => node !== first)] : nodes });
}

/** Only what can still be reached from the first step. */
export function reachable(document: JourneyDocument): JourneyDocument {
  const byId = new Map(document.nodes.map((node) => [node.id, node]));
  const seen = new Set<string>();
  const queue = document.nodes.slice(0, 1).map((node) => node.id);
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const node = byId.get(id);
    if (!node || seen.has(id)) continue;
    seen.add(id);
    queue.push(...exits(node).map((edge) => edge.to));
  }
  return { ...document, nodes: document.nodes.filter((node) => seen.has(node.id)) };
}
