/** Identifiers around the person they are; a line between two is evidence that joined them. */

import type { Identity, IdRef } from "../../api/types";
import { useText } from "../../i18n";
import { around } from "../../lib/layout";

const WIDTH = 860;
const MOST = 14;
const TONE: Record<string, string> = {
  user_id: "#0e5a5e",
  member_card: "#0e5a5e",
  email: "#3e5f90",
  phone: "#3e5f90",
  device_id: "#86597f",
  anonymous_id: "#7d4b00",
};

const keyOf = (id: IdRef) => `${id.type}:${id.value}`;
const clipped = (text: string) => (text.length > 24 ? `${text.slice(0, 11)}…${text.slice(-10)}` : text);

export function IdentityGraph({ identity }: { identity: Identity }) {
  const { t, code } = useText();
  const ids = identity.identifiers.slice(0, MOST);
  const height = ids.length <= 4 ? 260 : 360;
  const centre = { x: WIDTH / 2, y: height / 2 };
  const spots = around(ids.length, centre, { x: WIDTH / 2 - 130, y: height / 2 - 36 });
  const spotOf = new Map(ids.map((id, index) => [keyOf(id), spots[index]]));
  const pairs = new Set<string>();
  const links = identity.edges.flatMap((edge) => {
    const [a, b] = [spotOf.get(keyOf(edge.a)), spotOf.get(keyOf(edge.b))];
    const pair = [keyOf(edge.a), keyOf(edge.b)].sort().join("|");
    if (!a || !b || pairs.has(pair)) return [];
    pairs.add(pair);
    return [{ pair, a, b }];
  });
  const words = t("identity.graphWords", { ids: ids.length, links: links.length });
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${height}`}
      role="img"
      aria-label={words}
      style={{ width: "100%", maxHeight: height * 1.25 }}
    >
      {spots.map((spot, index) => (
        <line key={index} x1={centre.x} y1={centre.y} x2={spot.x} y2={spot.y} stroke="#e2e6e2" strokeDasharray="3 5" />
      ))}
      {links.map(({ pair, a, b }) => (
        <path
          key={pair}
          d={`M${a.x} ${a.y}Q${(a.x + b.x) / 2 + (centre.x - (a.x + b.x) / 2) * 0.35} ${(a.y + b.y) / 2 + (centre.y - (a.y + b.y) / 2) * 0.35} ${b.x} ${b.y}`}
          fill="none"
          stroke="#8fb3ac"
          strokeWidth="1.8"
        />
      ))}
      <circle cx={centre.x} cy={centre.y} r="26" fill="#0e5a5e" />
      <circle cx={centre.x} cy={centre.y - 6} r="6.5" fill="#fff" />
      <path d={`M${centre.x - 12} ${centre.y + 14}a12 10 0 0 1 24 0z`} fill="#fff" />
      {ids.map((id, index) => {
        const spot = spots[index];
        if (!spot) return null;
        return (
          <g key={keyOf(id)} transform={`translate(${spot.x} ${spot.y})`}>
            <title>{`${code("idType", id.type)}: ${id.value}`}</title>
            <rect x="-112" y="-23" width="224" height="46" rx="11" fill="#fff" stroke="#d4dcd8" />
            <rect x="-112" y="-23" width="5" height="46" rx="2.5" fill={TONE[id.type] ?? "#62727a"} />
            <text x="-96" y="-4" fontSize="11.5" fill="#62727a">
              {code("idType", id.type)}
            </text>
            <text x="-96" y="14" fontSize="13" fill="#18272e" fontFamily="var(--mono)">
              {clipped(id.value)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
