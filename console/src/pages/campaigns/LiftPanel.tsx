/** The difference the campaign made, with its interval; in a demo the known truth stands beside it. */

import { Segmented } from "antd";
import { useState } from "react";

import type { CampaignResult, Lift } from "../../api/types";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { money, number, signed, type Language } from "../../lib/format";
import { Section } from "../../ui/Section";
import { Nothing } from "../../ui/States";
import { Interval } from "./Interval";

type Write = (value: number) => string;

export function writer(metric: Lift["metric"], currency: string, language: Language, total = false): Write {
  if (metric === "conversion") return (value) => `${signed(100 * value, language, 1)} pp`;
  if (metric === "orders") return (value) => signed(value, language, total ? 1 : 3);
  return (value) => `${value < 0 ? "−" : "+"}${money(Math.abs(value), currency, language, total ? 0 : 2)}`;
}

function mean(lift: Lift, value: number | null, currency: string, language: Language): string {
  if (lift.metric === "revenue") return money(value, currency, language);
  if (lift.metric === "conversion") return value === null ? "–" : `${number(100 * value, language, 1)}%`;
  return number(value, language, 3);
}

function NoLift({ result }: { result: CampaignResult }) {
  const { t } = useText();
  const waiting = t("campaign.noLiftYet", { count: result.unfinished, days: result.window_days });
  const why = Object.values(result.absent)[0] ?? t("campaign.noLiftHelp");
  return (
    <Section title={t("campaign.lift")}>
      <Nothing title={t("campaign.noLift")} help={result.unfinished > 0 ? waiting : why} />
    </Section>
  );
}

export function LiftPanel({ result }: { result: CampaignResult }) {
  const { t, language } = useText();
  const { currency } = useWorkspace().workspace;
  const [metric, setMetric] = useState<Lift["metric"]>(
    result.lift.some((one) => one.metric === "orders") ? "orders" : (result.lift[0]?.metric ?? "orders"),
  );
  const lift = result.lift.find((one) => one.metric === metric) ?? result.lift[0];
  if (!lift) return <NoLift result={result} />;
  const { estimate, low, high, level } = lift.per_customer;
  const write = writer(lift.metric, currency, language);
  const writeTotal = writer(lift.metric, currency, language, true);
  const clear = low > 0 ? "more" : high < 0 ? "less" : "unclear";
  const truth = result.truth?.find((one) => one.metric === lift.metric)?.value ?? null;
  const covered = truth !== null && truth >= low && truth <= high;
  const percent = Math.round(level * 100);
  return (
    <Section
      title={t("campaign.lift")}
      help={t("campaign.liftHelp", {
        treated: number(lift.per_customer.n_treated, language),
        control: number(lift.per_customer.n_control, language),
      })}
      extra={
        <Segmented<Lift["metric"]>
          aria-label={t("campaign.metric")}
          value={lift.metric}
          onChange={setMetric}
          options={result.lift.map((one) => ({ value: one.metric, label: t(`metric.${one.metric}`) }))}
        />
      }
    >
      <p className="verdict">{t(`campaign.verdict.${clear}`, { metric: t(`metric.${lift.metric}`), percent })}</p>
      <Interval
        estimate={estimate}
        low={low}
        high={high}
        truth={truth}
        write={write}
        words={t("campaign.intervalWords", { estimate: write(estimate), low: write(low), high: write(high), percent })}
      />
      <dl className="pairs" style={{ gridTemplateColumns: "repeat(auto-fit, minmax(150px, 1fr))" }}>
        {[
          [
            t("campaign.perCustomer"),
            write(estimate),
            t("campaign.between", { low: write(low), high: write(high), percent }),
          ],
          lift.total && [
            t("campaign.inTotal"),
            writeTotal(lift.total.estimate),
            t("campaign.between", { low: writeTotal(lift.total.low), high: writeTotal(lift.total.high), percent }),
          ],
          [t("campaign.treatedMean"), mean(lift, lift.treated_mean, currency, language), t("campaign.mean")],
          [t("campaign.controlMean"), mean(lift, lift.control_mean, currency, language), t("campaign.mean")],
          lift.p_value !== null && [
            t("campaign.pValue"),
            lift.p_value < 0.001 ? "< 0.001" : lift.p_value.toFixed(3),
            t("campaign.pHelp"),
          ],
          truth !== null && [t("campaign.truth"), write(truth), t(covered ? "campaign.covered" : "campaign.missed")],
        ]
          .filter((one): one is [string, string, string] => Array.isArray(one))
          .map(([label, value, note]) => (
            <div key={label}>
              <dt className="tile-label">{label}</dt>
              <dd className="tile-value">{value}</dd>
              <dd className="tile-note">{note}</dd>
            </div>
          ))}
      </dl>
    </Section>
  );
}
