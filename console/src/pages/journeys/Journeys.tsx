import { Table } from "antd";
import { Link } from "react-router";

import { useJourneys } from "../../api/hooks";
import type { JourneyRow } from "../../api/types";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { Page } from "../../ui/Page";
import { Pill, toneOf } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";

/** The journeys and how full they are. */
export default function Journeys() {
  const { t, bi, language, code } = useText();
  const journeys = useJourneys();
  return (
    <Page title={t("journey.title")} lead={t("journey.lead")}>
      <Asked answer={journeys} rows={6}>
        {(data) => (
          <Section className="flush">
            <Table<JourneyRow>
              rowKey="id"
              dataSource={data.items}
              pagination={false}
              scroll={{ x: "max-content" }}
              locale={{ emptyText: <Nothing title={t("journey.none")} help={t("journey.noneHelp")} /> }}
              columns={[
                {
                  key: "name",
                  title: t("journey.one"),
                  render: (_, row) => (
                    <Link to={`/journeys/${encodeURIComponent(row.id)}`}>
                      <strong>{bi(row.name) || row.id}</strong>
                    </Link>
                  ),
                },
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
                {
                  key: "entered",
                  title: t("journey.entered"),
                  align: "right",
                  className: "num",
                  render: (_, row) => number(row.entered, language),
                },
                {
                  key: "waiting",
                  title: t("journey.waiting"),
                  align: "right",
                  className: "num",
                  render: (_, row) => number(row.waiting, language),
                },
                {
                  key: "sent",
                  title: t("metric.sends"),
                  align: "right",
                  className: "num",
                  render: (_, row) => number(row.sent, language),
                },
              ]}
            />
          </Section>
        )}
      </Asked>
    </Page>
  );
}
