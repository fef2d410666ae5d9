/** Identifiers around the strongest one; a line between two says why they are one person's. Nothing is dragged. */

import { Handle, Position, type Edge as FlowEdge, type Node as FlowNode, type NodeProps } from "@xyflow/react";

import { useSourceName } from "../../api/names";
import type { Edge, HeldId } from "../../api/identity";
import type { Identity, IdRef } from "../../api/types";
import { useWorkspace } from "../../app/workspace";
import { Drawing } from "../../charts/Drawing";
import { useText } from "../../i18n";
import { day, likely } from "../../lib/format";
import { around } from "../../lib/layout";

export const MOST = 40;
const SIZE = { width: 210, height: 50 };
const TONE: Record<string, string> = {
  user_id: "#0e5a5e",
  member_card: "#0e5a5e",
  unionid: "#0e5a5e",
  openid: "#3e5f90",
  email: "#3e5f90",
  phone: "#3e5f90",
  device_id: "#86597f",
  anonymous_id: "#7d4b00",
};

interface IdData extends Record<string, unknown> {
  id: IdRef;
  status: string | null;
  chosen: boolean;
}

export const keyOf = (id: IdRef) => `${id.type}:${id.value}`;
export const edgeKey = (edge: Edge) => `${keyOf(edge.a)}|${keyOf(edge.b)}|${edge.event_id}`;
const clipped = (text: string) => (text.length > 24 ? `${text.slice(0, 11)}…${text.slice(-10)}` : text);

function IdNode({ data }: NodeProps) {
  const { code } = useText();
  const { id, status, chosen } = data as IdData;
  const plain = status === "active";
  return (
    <div
      className={`id-node ${chosen ? "id-node-chosen" : ""} ${plain ? "" : "id-node-off"}`}
      style={{ borderLeftColor: TONE[id.type] ?? "#62727a", ...SIZE }}
      title={`${code("idType", id.type)}: ${id.value}`}
    >
      <Handle type="source" position={Position.Top} isConnectable={false} style={{ opacity: 0, top: "50%" }} />
      <Handle type="target" position={Position.Top} isConnectable={false} style={{ opacity: 0, top: "50%" }} />
      <span className="id-node-type">
        {code("idType", id.type)}
        {!plain && <b> · {code("idStatus", status ?? "elsewhere")}</b>}
      </span>
      <span className="mono">{clipped(id.value)}</span>
    </div>
  );
}

const nodeTypes = { id: IdNode };

interface Props {
  identity: Identity;
  chosen: string[];
  edge: string | null;
  onChoose: (id: HeldId) => void;
  onEdge: (edge: Edge | null) => void;
}

interface Drawn {
  id: IdRef;
  /** Null: somebody else's. */
  status: string | null;
}

/** Every identifier that is drawn: hers, then those of others that a line leads to. */
function drawnIds(identity: Identity): Drawn[] {
  const hers: Drawn[] = identity.identifiers.slice(0, MOST).map((one) => ({ id: one, status: one.status }));
  const known = new Set(identity.identifiers.map(keyOf));
  const others = new Map<string, IdRef>();
  identity.edges.forEach((edge) =>
    [edge.a, edge.b].filter((one) => !known.has(keyOf(one))).forEach((one) => others.set(keyOf(one), one)),
  );
  return [...hers, ...[...others.values()].slice(0, 10).map((id) => ({ id, status: null }))];
}

export function IdentityGraph({ identity, chosen, edge: chosenEdge, onChoose, onEdge }: Props) {
  const { t, code, language } = useText();
  const sourceName = useSourceName();
  const { zone } = useWorkspace().workspace;
  const ids = drawnIds(identity);
  const [first, ...rest] = ids;
  const spread = Math.max(1, rest.length / 9);
  // A wide window takes a ring, a narrow one two columns: the words stay large enough to read.
  const narrow = window.innerWidth < 640;
  const spots = narrow
    ? rest.map((_, n) => ({ x: n % 2 ? 125 : -125, y: 130 + 110 * Math.floor(n / 2) }))
    : around(rest.length, { x: 0, y: 0 }, { x: 470 * spread, y: 190 * spread });
  const placed = new Map<string, { x: number; y: number }>();
  if (first) placed.set(keyOf(first.id), { x: 0, y: 0 });
  rest.forEach((one, n) => placed.set(keyOf(one.id), spots[n] ?? { x: 0, y: 0 }));
  const wordsOf = (edge: Edge) => {
    const how = typeof edge.probability === "number" ? ` ${likely(edge.probability, language)}` : "";
    return edge.how === "same_event"
      ? `${sourceName(edge.source)} · ${day(edge.at, language, zone)}`
      : `${code("edgeHow", edge.how)}${how} · ${day(edge.at, language, zone)}`;
  };
  const nodes: FlowNode[] = ids.map(({ id, status }) => ({
    id: keyOf(id),
    type: "id",
    position: placed.get(keyOf(id)) ?? { x: 0, y: 0 },
    origin: [0.5, 0.5],
    data: { id, status, chosen: chosen.includes(keyOf(id)) } satisfies IdData,
    ariaLabel: `${code("idType", id.type)} ${id.value}, ${code("idStatus", status ?? "elsewhere")}`,
  }));
  const edges: FlowEdge[] = identity.edges
    .filter((edge) => placed.has(keyOf(edge.a)) && placed.has(keyOf(edge.b)))
    .map((edge) => {
      const on = edgeKey(edge) === chosenEdge;
      return {
        id: edgeKey(edge),
        source: keyOf(edge.a),
        target: keyOf(edge.b),
        type: "straight",
        label: narrow ? undefined : wordsOf(edge),
        labelStyle: { fontSize: 11, fill: on ? "#18272e" : "#52636b" },
        labelBgPadding: [6, 3],
        labelBgBorderRadius: 6,
        labelBgStyle: { fill: "#fff", stroke: on ? "#0e5a5e" : "#e2e6e2" },
        style: {
          stroke: on ? "#0e5a5e" : edge.how === "same_event" ? "#8fb3ac" : "#b9791f",
          strokeWidth: on ? 2.6 : 1.6,
          strokeDasharray: edge.how === "linked" ? "5 4" : undefined,
        },
        ariaLabel: t("identity.edgeWords", { a: edge.a.value, b: edge.b.value, why: wordsOf(edge) }),
      };
    });
  const tall = Math.min(620, 320 + 24 * rest.length);
  return (
    <div
      className="id-graph"
      style={{ height: tall }}
      role="group"
      aria-label={t("identity.graphWords", { ids: ids.length, links: edges.length })}
    >
      <Drawing
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgesFocusable
        least={0.25}
        onNode={choose}
        onEdge={(key) => onEdge(identity.edges.find((one) => edgeKey(one) === key) ?? null)}
        onNone={() => onEdge(null)}
      />
    </div>
  );

  function choose(key: string) {
    const found = identity.identifiers.find((one) => keyOf(one) === key);
    if (found) onChoose(found);
  }
}

export default IdentityGraph;
