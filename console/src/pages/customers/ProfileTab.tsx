/** Traits with their source and age, habits, segments, consent, journeys. */

import { Table } from "antd";
import { Link } from "react-router";

import { useNames } from "../../api/names";
import type { Customer, TraitValue } from "../../api/types";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { share, time } from "../../lib/format";
import { Moment } from "../../ui/Moment";
import { Pill, toneOf } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { shown } from "./shown";

/** Traits whose value is a code with words of its own. */
const CODES: Record<string, string> = { lifecycle_stage: "lifecycle", rfm_segment: "rfm" };

function Traits({ traits }: { traits: TraitValue[] }) {
  const { t, bi, code, language } = useText();
  const { zone } = useWorkspace().workspace;
  const worded = (trait: TraitValue) => {
    if (trait.name.endsWith("_at") && typeof trait.value === "string") return time(trait.value, language, zone);
    return code(CODES[trait.name] ?? "", shown(trait.value));
  };
  return (
    <Section title={t("customer.traits")} help={t("customer.traitsHelp")}>
      <Table<TraitValue>
        rowKey="name"
        size="small"
        pagination={false}
        dataSource={traits}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: t("customer.noTraits") }}
        columns={[
          {
            key: "name",
            title: t("customer.trait"),
            render: (_, trait) => <span title={trait.name}>{bi(trait.label) || trait.name}</span>,
          },
          {
            key: "value",
            title: t("customer.value"),
            render: (_, trait) => <span className="num">{worded(trait)}</span>,
          },
          {
            key: "source",
            title: t("customer.source"),
            render: (_, trait) => <span className="faint">{code("source", trait.source)}</span>,
          },
          { key: "as_of", title: t("customer.asOf"), render: (_, trait) => <Moment at={trait.as_of} /> },
        ]}
      />
    </Section>
  );
}

function Habits({ customer }: { customer: Customer }) {
  const { t, language } = useText();
  const { stats, rfm } = customer;
  const hours = stats?.active_hours ?? [];
  const most = Math.max(...hours, 1);
  return (
    <Section title={t("customer.habits")}>
      {hours.length === 24 && (
        <>
          <p className="section-help">{t("customer.activeHours", { hour: stats?.active_hour ?? "–" })}</p>
          <div className="hours" role="img" aria-label={t("customer.activeHours", { hour: stats?.active_hour ?? "–" })}>
            {hours.map((count, hour) => (
              <div
                key={hour}
                className={hour === stats?.active_hour ? "hour-most" : undefined}
                style={{ height: `${(100 * count) / most}%` }}
                title={`${hour}:00 · ${count}`}
              />
            ))}
          </div>
          <div className="hours-axis num" aria-hidden>
            {[0, 6, 12, 18, 24].map((hour) => (
              <span key={hour}>{hour}</span>
            ))}
          </div>
        </>
      )}
      {stats?.categories && stats.categories.length > 0 && (
        <>
          <p className="section-help" style={{ marginTop: 16 }}>
            {t("customer.categories")}
          </p>
          {stats.categories.slice(0, 6).map((one) => (
            <div className="bar-row" key={one.name}>
              <span>{one.name}</span>
              <div className="bar-track" aria-hidden>
                <div className="bar-fill" style={{ width: `${100 * one.share}%` }} />
              </div>
              <span className="num faint">
                {t("customer.shareOf", { share: share(one.share, language), n: one.n })}
              </span>
            </div>
          ))}
        </>
      )}
      {rfm && (
        <p className="section-help" style={{ marginTop: 16 }}>
          {t("customer.rfmScores", { r: rfm.r, f: rfm.f, m: rfm.m })}
        </p>
      )}
    </Section>
  );
}

function Belonging({ customer }: { customer: Customer }) {
  const names = useNames();
  const { t, bi, code } = useText();
  return (
    <>
      <Section title={t("menu.segments")}>
        {customer.segments.length === 0 && <span className="faint">{t("customer.noSegments")}</span>}
        <div className="row">
          {customer.segments.map((segment) => (
            <Link key={segment.id} to={`/segments/${segment.id}`}>
              <Pill tone="sea">{bi(segment.name)}</Pill>
            </Link>
          ))}
        </div>
      </Section>
      <Section title={t("customer.journeys")}>
        {customer.journeys.length === 0 && <span className="faint">{t("customer.noJourneys")}</span>}
        {customer.journeys.map((journey) => (
          <div key={journey.journey} className="row">
            <Link to={`/journeys/${journey.journey}`}>{names("journey", journey.journey)}</Link>
            <Pill>{journey.node}</Pill>
            <Moment at={journey.since} />
          </div>
        ))}
      </Section>
      <Section title={t("customer.consent")}>
        {customer.consent.length === 0 && <span className="faint">{t("customer.noConsent")}</span>}
        {customer.consent.map((one) => (
          <div key={`${one.purpose}-${one.channel}`} className="row">
            <span>
              {code("purpose", one.purpose)} · {code("channel", one.channel)}
            </span>
            <Pill tone={toneOf(one.status)}>{code("consentStatus", one.status)}</Pill>
            <Moment at={one.since} />
            {one.source && <span className="faint">{code("source", one.source)}</span>}
          </div>
        ))}
      </Section>
    </>
  );
}

export function ProfileTab({ customer }: { customer: Customer }) {
  return (
    <div className="split">
      <div className="stack">
        <Traits traits={customer.traits} />
      </div>
      <div className="stack">
        <Habits customer={customer} />
        <Belonging customer={customer} />
      </div>
    </div>
  );
}
