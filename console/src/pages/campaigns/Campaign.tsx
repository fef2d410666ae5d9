/** Did it work? The verdict first, then the interval, the funnel and every refusal by its reason. */

import { Alert } from "antd";
import { Link, useParams } from "react-router";

import { useCampaign, useCampaignResult } from "../../api/hooks";
import { useNames } from "../../api/names";
import type { CampaignDocument, CampaignResult } from "../../api/types";
import { useText } from "../../i18n";
import { durationWords, number, share } from "../../lib/format";
import { Fresh } from "../../ui/Fresh";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { CampaignDaily } from "./CampaignDaily";
import { LiftPanel } from "./LiftPanel";

/** People and messages are not the same count: a journey may send twice, so each row says what it is a share of. */
function Sent({ result }: { result: CampaignResult }) {
  const { t, language } = useText();
  const { treated, sent, opened, clicked, bought } = result;
  // Buying is counted when a customer's window is over, so its share is of those alone.
  const counted = result.lift[0]?.per_customer.n_treated ?? null;
  const rows = [
    { name: "treated", count: treated, of: null },
    { name: "sent", count: sent, of: null },
    { name: "opened", count: opened, of: sent },
    { name: "clicked", count: clicked, of: sent },
    { name: "bought", count: bought, of: counted },
  ];
  const most = Math.max(treated, sent, 1);
  return (
    <Section title={t("campaign.funnel")} help={t("campaign.funnelHelp")}>
      {rows.map(({ name, count, of }) => (
        <div className="funnel-row" key={name}>
          <span>{t(`campaign.step.${name}`)}</span>
          <div className="funnel-bar" aria-hidden>
            <div className="funnel-fill" style={{ width: `${(100 * count) / most}%` }} />
          </div>
          <span className="funnel-number">{number(count, language)}</span>
          <span className="funnel-share">{of ? share(count / of, language) : ""}</span>
        </div>
      ))}
    </Section>
  );
}

function Refused({ refused }: { refused: Record<string, number> }) {
  const { t, language, code } = useText();
  const rows = Object.entries(refused).sort((a, b) => b[1] - a[1]);
  const most = Math.max(...rows.map(([, count]) => count), 1);
  return (
    <Section title={t("campaign.refused")} help={t("campaign.refusedHelp")}>
      {rows.length === 0 && <span className="faint">{t("campaign.noneRefused")}</span>}
      {rows.map(([reason, count]) => (
        <div className="bar-row" key={reason}>
          <span>{code("reason", reason)}</span>
          <div className="bar-track" aria-hidden>
            <div className="bar-fill" style={{ width: `${(100 * count) / most}%`, background: "var(--lamp)" }} />
          </div>
          <span className="num">{number(count, language)}</span>
        </div>
      ))}
    </Section>
  );
}

function Arms({ result, document }: { result: CampaignResult; document: CampaignDocument | undefined }) {
  const { t, language } = useText();
  const { p_value: p, suspect } = result.srm;
  return (
    <Section title={t("campaign.arms")}>
      <dl className="pairs">
        <dt>{t("campaign.eligible")}</dt>
        <dd className="num">{number(result.eligible, language)}</dd>
        <dt>{t("campaign.treatedArm")}</dt>
        <dd className="num">{number(result.treated, language)}</dd>
        <dt>{t("campaign.controlArm")}</dt>
        <dd className="num">
          {number(result.control, language)}{" "}
          {document && (
            <span className="faint">
              ({t("campaign.planned", { share: share(document.holdout.percent / 100, language) })})
            </span>
          )}
        </dd>
        {result.unfinished > 0 && (
          <>
            <dt>{t("campaign.unfinished")}</dt>
            <dd className="num">{number(result.unfinished, language)}</dd>
          </>
        )}
        <dt>{t("campaign.window")}</dt>
        <dd>{t("campaign.days", { count: result.window_days })}</dd>
        <dt>{t("campaign.srm")}</dt>
        <dd className="num">{p === null ? "–" : `p = ${p < 0.001 ? "< 0.001" : p.toFixed(3)}`}</dd>
      </dl>
      {suspect && <Alert style={{ marginTop: 14 }} type="error" showIcon title={t("campaign.srmAlarm")} />}
    </Section>
  );
}

export default function Campaign() {
  const { t, bi, language, code } = useText();
  const { id = "" } = useParams();
  const campaign = useCampaign(id);
  const result = useCampaignResult(id);
  const names = useNames();
  const document = campaign.data;
  const lead = document && (
    <>
      <Link to={`/segments/${document.segment}`}>{names("segment", document.segment)}</Link> →{" "}
      <Link to={`/journeys/${document.journey}`}>{names("journey", document.journey)}</Link> ·{" "}
      {code("event", document.outcome.event)} · {durationWords(document.outcome.window, language)}
    </>
  );
  return (
    <Page
      title={document ? bi(document.name) || id : id}
      crumbs={[{ to: "/campaigns", label: t("menu.campaigns") }]}
      lead={lead}
      tags={<Fresh asOf={result.data?.as_of} />}
    >
      <Asked answer={result} rows={10}>
        {(data) =>
          data.eligible === 0 ? (
            <Nothing title={t("campaign.notStarted")} help={t("campaign.notStartedHelp")} />
          ) : (
            <div className="stack">
              <LiftPanel result={data} />
              <div className="split">
                <div className="stack">
                  <Sent result={data} />
                  {data.daily.length > 0 && <CampaignDaily daily={data.daily} />}
                </div>
                <div className="stack">
                  <Arms result={data} document={document} />
                  <Refused refused={data.refused} />
                </div>
              </div>
            </div>
          )
        }
      </Asked>
    </Page>
  );
}
