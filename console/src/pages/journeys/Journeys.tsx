/** The journeys and how full they are. */

import { useJourneys } from "../../api/hooks";
import type { JourneyRow } from "../../api/types";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { ListPage } from "../../ui/ListPage";
import { Pill, toneOf } from "../../ui/Pill";

export default function Journeys() {
  const { t, language, code } = useText();
  const figure = (key: "entered" | "waiting" | "sent", title: string) => ({
    key,
    title,
    align: "right" as const,
    className: "num",
    render: (_: unknown, row: JourneyRow) => number(row[key], language),
  });
  return (
    <ListPage
      title={t("journey.title")}
      lead={t("journey.lead")}
      answer={useJourneys()}
      to="/journeys"
      none={t("journey.none")}
      noneHelp={t("journey.noneHelp")}
      columns={[
        {
          key: "status",
          title: t("customer.status"),
          render: (_, row) => <Pill tone={toneOf(row.status)}>{code("journeyStatus", row.status)}</Pill>,
        },
        {
          key: "version",
          title: t("journey.version"),
          render: (_, row) => <span className="num">v{row.version ?? "–"}</span>,
        },
        figure("entered", t("journey.entered")),
        figure("waiting", t("journey.waiting")),
        figure("sent", t("metric.sends")),
      ]}
    />
  );
}
