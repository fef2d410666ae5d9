/** How many had the tag at the end of each day, and how many came and went. */

import { Segmented } from "antd";
import { useMemo, useState } from "react";

import { type TagDay, useTagTrend } from "../../api/marks";
import { colour } from "../../app/theme";
import { Chart } from "../../charts/Chart";
import { category, legend, tooltip, value } from "../../charts/options";
import { useText } from "../../i18n";
import { calendarDay } from "../../lib/format";
import { Section } from "../../ui/Section";
import { Asked } from "../../ui/States";

const SPANS = [30, 90, 365];

function Lines({ days }: { days: TagDay[] }) {
  const { t, language } = useText();
  const option = useMemo(
    () => ({
      tooltip,
      legend,
      xAxis: category(days.map((one) => calendarDay(one.day, language))),
      yAxis: [value(t("tag.people")), value("", true)],
      series: [
        {
          type: "line" as const,
          name: t("tag.haveIt"),
          data: days.map((one) => one.n),
          showSymbol: false,
          lineStyle: { width: 2.2, color: colour.sea },
          itemStyle: { color: colour.sea },
        },
        {
          type: "bar" as const,
          yAxisIndex: 1,
          name: t("tag.added"),
          data: days.map((one) => one.added),
          itemStyle: { color: colour.moss },
        },
        {
          type: "bar" as const,
          yAxisIndex: 1,
          name: t("tag.removed"),
          data: days.map((one) => -one.removed),
          itemStyle: { color: colour.plum },
        },
      ],
    }),
    [days, language, t],
  );
  return (
    <Chart
      option={option}
      height={240}
      description={t("tag.trendSays", { days: days.length, n: days.at(-1)?.n ?? 0 })}
      table={{
        columns: [t("metric.day"), t("tag.haveIt"), t("tag.added"), t("tag.removed")],
        rows: days.map((one) => [one.day, one.n, one.added, one.removed]),
      }}
    />
  );
}

export function TagTrend({ id }: { id: string }) {
  const { t } = useText();
  const [days, setDays] = useState(30);
  const trend = useTagTrend(id, days);
  return (
    <Section
      title={t("tag.trend")}
      extra={
        <Segmented
          size="small"
          aria-label={t("trend.days")}
          value={days}
          onChange={setDays}
          options={SPANS.map((n) => ({ value: n, label: t("trend.lastDays", { n }) }))}
        />
      }
    >
      <Asked answer={trend} rows={5}>
        {(data) => <Lines days={data.days} />}
      </Asked>
    </Section>
  );
}
