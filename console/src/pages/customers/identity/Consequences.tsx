/** What would follow: everyone concerned before and after, side by side, and who enters or leaves what. */

import { Alert } from "antd";

import type { Side, WhatIf } from "../../../api/identity";
import { useWorkspace } from "../../../app/workspace";
import { useText } from "../../../i18n";
import { money, number } from "../../../lib/format";
import { Pill, toneOf } from "../../../ui/Pill";

function SideCard({ side }: { side: Side }) {
  const { t, bi, code, language } = useText();
  const { currency } = useWorkspace().workspace;
  return (
    <div className="side-card">
      <strong className="side-name">{side.name}</strong>
      <div className="mono faint side-name" title={side.customer_id}>
        {side.customer_id}
      </div>
      <div className="side-numbers">
        <span>
          {t("identity.events")} <b>{number(side.events, language)}</b>
        </span>
        <span>
          {t("metric.orders")} <b>{number(side.orders, language)}</b>
        </span>
        <span>
          {t("metric.revenue")} <b>{money(side.revenue, currency, language)}</b>
        </span>
      </div>
      <ul className="side-ids">
        {side.identifiers.map((id) => (
          <li key={`${id.type}:${id.value}`}>
            <span className="faint">{code("idType", id.type)}</span> <span className="mono">{id.value}</span>
            {id.status !== "active" && <Pill>{code("idStatus", id.status)}</Pill>}
          </li>
        ))}
      </ul>
      <div className="row wrap">
        {side.segments.map((one) => (
          <Pill key={one.id} tone="sea">
            {bi(one.name)}
          </Pill>
        ))}
        {side.consent.map((one) => (
          <Pill key={`${one.purpose}:${one.channel}`} tone={toneOf(one.status)}>
            {code("purpose", one.purpose)} · {code("channel", one.channel)}: {code("consentStatus", one.status)}
          </Pill>
        ))}
      </div>
    </div>
  );
}

export function Consequences({ found }: { found: WhatIf }) {
  const { t, bi } = useText();
  const nameOf = (id: string) => found.after.find((side) => side.customer_id === id)?.name ?? id;
  const turns = [
    ...found.entered.map((one) => ({ ...one, way: "enters" })),
    ...found.left.map((one) => ({ ...one, way: "leaves" })),
  ];
  return (
    <div className="stack">
      {found.obstacle_text && (
        <Alert type="error" showIcon title={t("identity.cannot")} description={bi(found.obstacle_text)} />
      )}
      {(["before", "after"] as const).map(
        (when) =>
          found[when].length > 0 && (
            <section key={when} aria-label={t(`identity.${when}`)}>
              <h3 className="side-head">{t(`identity.${when}`)}</h3>
              <div className="side-cards">
                {found[when].map((side) => (
                  <SideCard key={side.customer_id} side={side} />
                ))}
              </div>
            </section>
          ),
      )}
      {turns.length > 0 && (
        <section aria-label={t("identity.turns")}>
          <h3 className="side-head">{t("identity.turns")}</h3>
          <ul className="side-ids">
            {turns.map((one) => (
              <li key={`${one.way}:${one.customer_id}:${one.segment.id}`}>
                {t(`identity.${one.way}`, { who: nameOf(one.customer_id), segment: bi(one.segment.name) })}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
