import { useMemo } from "react";

import type { CampaignResult } from "../../api/types";
import { colour } from "../../app/theme";
import { Chart } from "../../charts/Chart";
import { category, legend, tooltip, value } from "../../charts/options";
import { useText } from "../../i18n";
import { Section } from "../../ui/Section";

/** Outcome per customer, by day since the draw, in both arms. */
export function CampaignDaily({ daily }: { daily: CampaignResult["daily"] }) {
  const { t } = useText();
  const option = useMemo(
    () => ({
      tooltip,
      legend,
      xAxis: category(daily.map((one) => t("campaign.dayN", { n: one.day }))),
      yAxis: value(""),
      series: [
        ["treated", colour.sea, "solid"],
        ["control", colour.lamp, "dashed"],
      ].map(([arm, color, type]) => ({
        type: "line" as const,
        name: t(`campaign.${arm}Arm`),
        data: daily.map((one) => one[arm as "treated" | "control"]),
        showSymbol: false,
        lineStyle: { width: 2.2, color, type },
        itemStyle: { color },
      })),
    }),
    [daily, t],
  );
  return (
    <Section title={t("campaign.daily")} help={t("campaign.dailyHelp")}>
      <Chart
        option={option}
        height={240}
        description={t("campaign.dailyHelp")}
        table={{
          columns: [t("metric.day"), t("campaign.treatedArm"), t("campaign.controlArm")],
          rows: daily.map((one) => [one.day, one.treated, one.control]),
        }}
      />
    </Section>
  );
}
