import { Table } from "antd";
import { Link } from "react-router";

import { useCampaigns } from "../../api/hooks";
import { useNames } from "../../api/names";
import type { CampaignDocument } from "../../api/types";
import { useText } from "../../i18n";
import { durationWords, share } from "../../lib/format";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";

/** The campaigns: who, by which journey, how many are held out, what counts as success. */
export default function Campaigns() {
  const { t, bi, language, code } = useText();
  const campaigns = useCampaigns();
  const names = useNames();
  return (
    <Page title={t("campaign.title")} lead={t("campaign.lead")}>
      <Asked answer={campaigns} rows={6}>
        {(data) => (
          <Section className="flush">
            <Table<CampaignDocument>
              rowKey="id"
              dataSource={data.items}
              pagination={false}
              scroll={{ x: "max-content" }}
              locale={{ emptyText: <Nothing title={t("campaign.none")} help={t("campaign.noneHelp")} /> }}
              columns={[
                {
                  key: "name",
                  title: t("campaign.one"),
                  render: (_, row) => (
                    <Link to={`/campaigns/${encodeURIComponent(row.id)}`}>
                      <strong>{bi(row.name) || row.id}</strong>
                    </Link>
                  ),
                },
                {
                  key: "segment",
                  title: t("segment.one"),
                  render: (_, row) => <Link to={`/segments/${row.segment}`}>{names("segment", row.segment)}</Link>,
                },
                {
                  key: "journey",
                  title: t("journey.one"),
                  render: (_, row) => <Link to={`/journeys/${row.journey}`}>{names("journey", row.journey)}</Link>,
                },
                {
                  key: "holdout",
                  title: t("campaign.holdout"),
                  align: "right",
                  className: "num",
                  render: (_, row) => share(row.holdout.percent / 100, language),
                },
                {
                  key: "outcome",
                  title: t("campaign.outcome"),
                  render: (_, row) =>
                    `${code("event", row.outcome.event)} · ${durationWords(row.outcome.window, language)}`,
                },
              ]}
            />
          </Section>
        )}
      </Asked>
    </Page>
  );
}
