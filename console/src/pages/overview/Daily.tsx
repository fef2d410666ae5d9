/** The days behind the figures: orders and revenue, or messages and what came of them. */

import { Segmented } from "antd";
import { useMemo, useState } from "react";

import type { Day } from "../../api/types";
import { colour } from "../../app/theme";
import { Chart, type Table } from "../../charts/Chart";
import { category, legend, tooltip, value } from "../../charts/options";
import { useText } from "../../i18n";
import { calendarDay } from "../../lib/format";

type View = "sales" | "messages" | "events";

export function Daily({ days, currency }: { days: Day[]; currency: string }) {
  const { t, language } = useText();
  const [view, setView] = useState<View>("sales");
  const labels = useMemo(() => days.map((day) => calendarDay(day.day, language)), [days, language]);
  const option = useMemo(() => {
    const bar = (name: string, data: number[], color: string, stack?: string) => ({
      type: "bar" as const,
      name,
      data,
      stack,
      barMaxWidth: 18,
      itemStyle: { color, borderRadius: [3, 3, 0, 0] },
    });
    const base = { tooltip, legend, xAxis: category(labels) };
    if (view === "events") {
      return {
        ...base,
        yAxis: [value("")],
        series: [
          bar(
            t("metric.events"),
            days.map((day) => day.events),
            colour.slate,
          ),
        ],
      };
    }
    if (view === "messages") {
      return {
        ...base,
        yAxis: [value("")],
        series: [
          bar(
            t("metric.sends"),
            days.map((day) => day.sends),
            colour.sea,
          ),
          bar(
            t("metric.opened"),
            days.map((day) => day.opened),
            colour.lamp,
          ),
          bar(
            t("metric.clicked"),
            days.map((day) => day.clicked),
            colour.plum,
          ),
        ],
      };
    }
    return {
      ...base,
      yAxis: [value(t("metric.orders")), value(currency, true)],
      series: [
        bar(
          t("metric.orders"),
          days.map((day) => day.orders),
          "#b9d3ce",
        ),
        {
          type: "line" as const,
          name: t("metric.revenue"),
          data: days.map((day) => day.revenue),
          yAxisIndex: 1,
          showSymbol: false,
          lineStyle: { width: 2.5, color: colour.sea },
          itemStyle: { color: colour.sea },
        },
      ],
    };
  }, [view, days, labels, currency, t]);
  const table: Table = {
    columns: ["day", "events", "orders", "revenue", "sends", "opened", "clicked"].map((name) => t(`metric.${name}`)),
    rows: days.map((day) => [day.day, day.events, day.orders, day.revenue, day.sends, day.opened, day.clicked]),
  };
  const views = (
    <Segmented<View>
      aria-label={t("overview.dailyView")}
      value={view}
      onChange={setView}
      options={[
        { value: "sales", label: t("overview.sales") },
        { value: "messages", label: t("overview.messages") },
        { value: "events", label: t("metric.events") },
      ]}
    />
  );
  return (
    <Chart
      option={option}
      description={t("overview.dailyDescription", { count: days.length })}
      table={table}
      lead={views}
    />
  );
}
