/** Stages at two dates and the customers between them, as wide as they are many. */

import { SankeyChart } from "echarts/charts";
import { use as register } from "echarts/core";
import { useMemo } from "react";

import type { Flow, Moved } from "../../api/marks";
import { Chart } from "../../charts/Chart";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { useStageName } from "./names";

register([SankeyChart]);

interface Props {
  flow: Flow;
  onPick: (moved: Moved) => void;
}

export function Sankey({ flow, onPick }: Props) {
  const { t, language } = useText();
  const named = useStageName(flow);
  const option = useMemo(() => {
    const colours = new Map(flow.stages.map((stage) => [stage.id, stage.colour]));
    const node = (side: "a" | "b", id: string) => ({
      name: `${side}:${id}`,
      depth: side === "a" ? 0 : 1,
      itemStyle: { color: colours.get(id) ?? "#bfbfbf" },
      label: { position: side === "a" ? ("right" as const) : ("left" as const) },
    });
    const counts = new Map<string, number>();
    for (const one of flow.moves)
      for (const end of [`a:${one.from}`, `b:${one.to}`]) counts.set(end, (counts.get(end) ?? 0) + one.n);
    const words = (end: string) => `${named(end.slice(2))} ${number(counts.get(end) ?? 0, language)}`;
    const places = ["@new", ...flow.stages.map((stage) => stage.id), "@none"];
    const inOrder = (ids: string[]) => [...new Set(ids)].sort((a, b) => places.indexOf(a) - places.indexOf(b));
    const before = inOrder(flow.moves.map((one) => one.from));
    const after = inOrder(flow.moves.map((one) => one.to));
    return {
      tooltip: {
        trigger: "item" as const,
        formatter: ({ name }: { name: string }) => words(name),
      },
      series: [
        {
          type: "sankey" as const,
          left: 8,
          right: 8,
          top: 8,
          bottom: 8,
          nodeWidth: 16,
          nodeGap: 20,
          layoutIterations: 0,
          emphasis: { focus: "adjacency" as const },
          lineStyle: { color: "gradient" as const, opacity: 0.35 },
          label: {
            formatter: ({ name }: { name: string }) => words(name),
            fontSize: 13,
          },
          data: [...before.map((id) => node("a", id)), ...after.map((id) => node("b", id))],
          links: flow.moves.map((one) => ({
            source: `a:${one.from}`,
            target: `b:${one.to}`,
            value: one.n,
            tooltip: {
              formatter: `${named(one.from)} → ${named(one.to)}: ${number(one.n, language)}`,
            },
          })),
        },
      ],
    };
  }, [flow, language, named]);
  return (
    <Chart
      option={option}
      height={Math.max(320, 60 * flow.stages.length)}
      description={t("lifecycles.flowSays", { n: flow.after, moves: flow.moves.length })}
      onPick={(picked) => {
        const link = picked.data as { source?: string; target?: string };
        const found = flow.moves.find((one) => `a:${one.from}` === link.source && `b:${one.to}` === link.target);
        if (found) onPick(found);
      }}
      table={{
        columns: [t("lifecycles.was"), t("lifecycles.now"), t("tag.people")],
        rows: flow.moves.map((one) => [named(one.from), named(one.to), one.n]),
      }}
    />
  );
}
