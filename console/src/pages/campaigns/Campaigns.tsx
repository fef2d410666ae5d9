/** The campaigns: who, by which journey, how many are held out, what counts as success. */

import { Link } from "react-router";

import { useCampaigns } from "../../api/hooks";
import { useNames } from "../../api/names";
import { useText } from "../../i18n";
import { durationWords, share } from "../../lib/format";
import { ListPage } from "../../ui/ListPage";

export default function Campaigns() {
  const { t, language, code } = useText();
  const names = useNames();
  return (
    <ListPage
      title={t("campaign.title")}
      lead={t("campaign.lead")}
      answer={useCampaigns()}
      to="/campaigns"
      none={t("campaign.none")}
      noneHelp={t("campaign.noneHelp")}
      columns={[
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
          render: (_, row) => `${code("event", row.outcome.event)} · ${durationWords(row.outcome.window, language)}`,
        },
      ]}
    />
  );
}
