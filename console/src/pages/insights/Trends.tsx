/** Four lines over the same days; the number of days is in the address. */

import { Segmented } from "antd";
import { useMemo } from "react";

import { useTrend } from "../../api/hooks";
import type { Trend } from "../../api/types";
import { useWorkspace } from "../../app/workspace";
import { colour } from "../../app/theme";
import { Chart } from "../../charts/Chart";
import { category, tooltip, value } from "../../charts/options";
import { useText } from "../../i18n";
import { calendarDay, compact, money } from "../../lib/format";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";

const METRICS = [
  ["revenue", colour.sea],
  ["orders", colour.slate],
  ["customers", colour.plum],
  ["events", colour.moss],
] as const;
const DAYS = ["28", "90", "365"];

function Line({ trend, metric, color }: { trend: Trend; metric: string; color: string }) {
  const { t, language } = useText();
  const { currency } = useWorkspace().workspace;
  const { points } = trend;
  const total = points.reduce((sum, point) => sum + (point.value ?? 0), 0);
  const option = useMemo(
    () => ({
      tooltip,
      grid: { left: 4, right: 12, top: 14, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: { ...category(points.map((point) => calendarDay(point.day, language))), boundaryGap: false },
      yAxis: value(""),
      series: [
        {
          type: "line" as const,
          name: t(`metric.${metric}`),
          data: points.map((point) => point.value),
          showSymbol: false,
          lineStyle: { width: 2.2, color },
          itemStyle: { color },
          areaStyle: { color, opacity: 0.07 },
        },
      ],
    }),
    [points, language, metric, color, t],
  );
  if (points.length === 0) return <Nothing title={t("overview.noDays")} help={t("overview.noDaysHelp")} />;
  const sum = metric === "revenue" ? money(total, currency, language, 0) : compact(total, language);
  return (
    <Chart
      lead={metric !== "customers" && <div className="tile-value">{sum}</div>}
      option={option}
      height={200}
      description={t("trend.description", { metric: t(`metric.${metric}`), count: points.length })}
      table={{
        columns: [t("metric.day"), t(`metric.${metric}`)],
        rows: points.map((point) => [point.day, point.value ?? "–"]),
      }}
    />
  );
}

function Tile({ metric, color, days }: { metric: string; color: string; days: number }) {
  const { t } = useText();
  const trend = useTrend(metric, days);
  return (
    <Section title={t(`metric.${metric}`)} help={t(`trend.help.${metric}`)}>
      <Asked answer={trend} rows={5}>
        {(data) => <Line trend={data} metric={metric} color={color} />}
      </Asked>
    </Section>
  );
}

export default function Trends() {
  const { t } = useText();
  const { workspace } = useWorkspace();
  const { get, set } = useAddress();
  const days = get("days") ?? "90";
  return (
    <Page
      title={t("trend.title")}
      lead={t("trend.lead", { zone: workspace.zone })}
      action={
        <Segmented
          aria-label={t("trend.days")}
          value={days}
          onChange={(next) => set({ days: next })}
          options={DAYS.map((count) => ({ value: count, label: t("trend.lastDays", { n: count }) }))}
        />
      }
    >
      <div className="halves">
        {METRICS.map(([metric, color]) => (
          <Tile key={metric} metric={metric} color={color} days={Number(days)} />
        ))}
      </div>
    </Page>
  );
}
