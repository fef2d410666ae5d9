/** What she is worth: RFM with the limits that decide each score and her place among all, and what is predicted. */

import type { Standing } from "../../../api/customers";
import { useStanding } from "../../../api/customers";
import { useWorkspace } from "../../../app/workspace";
import { useText } from "../../../i18n";
import { money, number } from "../../../lib/format";
import { Moment } from "../../../ui/Moment";
import { Pill } from "../../../ui/Pill";
import { Section } from "../../../ui/Section";
import { Asked } from "../../../ui/States";
import { Facts } from "./Facts";
import type { PanelProps } from "./panel";

type Measure = Standing["measures"][number];

/** Five fifths with the limits between them, and where she stands. */
function Ladder({ measure, people }: { measure: Measure; people: number }) {
  const { t, language } = useText();
  const { currency } = useWorkspace().workspace;
  const worded = (value: number) =>
    measure.key === "revenue" ? money(value, currency, language, 0) : number(value, language);
  const value =
    measure.key === "recency_days"
      ? t("view.days", { n: worded(measure.value), count: measure.value })
      : worded(measure.value);
  const words = t("view.ladderWords", {
    name: t(`view.fact.${measure.key}`),
    value,
    score: measure.score,
    percent: measure.percentile,
    people: number(people, language),
  });
  return (
    <div className="ladder">
      <div className="ladder-head">
        <span>{t(`view.fact.${measure.key}`)}</span>
        <strong className="num">{value}</strong>
        <Pill tone="sea">{measure.score} / 5</Pill>
        <span className="faint">{t("view.above", { percent: measure.percentile })}</span>
      </div>
      <div className="ladder-steps" role="img" aria-label={words}>
        {[1, 2, 3, 4, 5].map((fifth) => (
          <span key={fifth} className={fifth === measure.score ? "ladder-step ladder-here" : "ladder-step"}>
            {fifth}
          </span>
        ))}
        <span className="ladder-mark" style={{ left: `${measure.percentile + 0.5}%` }} />
      </div>
      <div className="ladder-limits num faint" aria-hidden>
        {measure.limits.map((limit, index) => (
          <span key={index} style={{ left: `${20 * (index + 1)}%` }}>
            {worded(limit)}
          </span>
        ))}
      </div>
    </div>
  );
}

export function Value({ customer, view, at }: PanelProps) {
  const { t, bi, language } = useText();
  const { currency } = useWorkspace().workspace;
  const standing = useStanding(customer.customer_id, at);
  const said = (name: string) => view.said.find((one) => one.name === name)?.words[0];
  const clv = said("clv") ?? said("predicted_clv");
  const churn = customer.churn;
  return (
    <Section title={t("view.value")} help={t("view.valueHelp")}>
      <Asked answer={standing} rows={4}>
        {(found) =>
          found.measures.length === 0 ? (
            <Facts facts={view.value} />
          ) : (
            <>
              <p className="row">
                <Pill tone="lamp">{bi(found.segment_label)}</Pill>
                <span className="faint">
                  {t("view.amongPeople", { n: number(found.people, language) })} · <Moment at={found.as_of} />
                </span>
              </p>
              {found.measures.map((measure) => (
                <Ladder key={measure.key} measure={measure} people={found.people} />
              ))}
            </>
          )
        }
      </Asked>
      {clv && typeof clv.value === "number" && (
        <p className="section-help">
          {t("view.clv", { value: money(clv.value, currency, language) })} · {clv.source} · <Moment at={clv.at} />
        </p>
      )}
      {!at && churn && (
        <p className="section-help">
          {t("customer.churn")}: <strong className="num">{number(churn.risk, language, 2)}</strong> · {bi(churn.basis)}
        </p>
      )}
    </Section>
  );
}
