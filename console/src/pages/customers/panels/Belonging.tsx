/** Where she is now: segments, journeys, consent. */

import { Link } from "react-router";

import { useSourceName } from "../../../api/names";
import { useNames } from "../../../api/names";
import { useText } from "../../../i18n";
import { Moment } from "../../../ui/Moment";
import { Pill, toneOf } from "../../../ui/Pill";
import { Section } from "../../../ui/Section";
import type { PanelProps } from "./panel";

export function Belonging({ customer }: PanelProps) {
  const names = useNames();
  const { t, bi, code } = useText();
  const sourceName = useSourceName();
  return (
    <>
      <Section title={t("menu.segments")} help={t("view.now")}>
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
            {one.source && <span className="faint">{sourceName(one.source)}</span>}
          </div>
        ))}
      </Section>
    </>
  );
}
