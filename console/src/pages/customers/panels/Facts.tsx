/** Values with what supports them: how many events, from where, how new; nothing is said where too little happened. */

import { Tooltip } from "antd";

import { useSourceName } from "../../../api/names";
import type { Fact } from "../../../api/customers";
import { useWorkspace } from "../../../app/workspace";
import { useText } from "../../../i18n";
import { money, NOTHING, number, share } from "../../../lib/format";
import { Moment } from "../../../ui/Moment";

function useWorded() {
  const { t, language, code } = useText();
  const { currency } = useWorkspace().workspace;
  return (fact: Fact): string => {
    const { value, unit, key } = fact;
    if (value === null || value === undefined) return NOTHING;
    if (typeof value === "string")
      return code(key.endsWith("channel") ? "channel" : key.endsWith("device") ? "device" : "", value);
    if (unit === "money") return money(value, currency, language);
    if (unit === "share") return share(value, language);
    if (unit === "days") return t("view.days", { n: number(value, language, value % 1 ? 1 : 0), count: value });
    if (unit === "per_30_days") return t("view.per30", { n: number(value, language, 1) });
    if (unit === "hour") return `${String(value).padStart(2, "0")}:00`;
    return number(value, language, value % 1 ? 1 : 0);
  };
}

export function Facts({ facts }: { facts: Fact[] }) {
  const { t, language } = useText();
  const sourceName = useSourceName();
  const worded = useWorded();
  return (
    <dl className="known-facts">
      {facts.map((fact) => {
        const from = fact.sources.map((source) => sourceName(source)).join(t("view.listComma"));
        const little = fact.value === null;
        return (
          <div className="known-fact" key={fact.key}>
            <dt>{t(`view.fact.${fact.key}`)}</dt>
            <dd>
              <Tooltip title={t(`view.how.${fact.key}`, { defaultValue: "" })}>
                <span className={little ? "num faint" : "known-value num"}>
                  {little && fact.n > 0 ? t("view.tooLittle") : worded(fact)}
                </span>
              </Tooltip>
              <small className="faint">
                {fact.n > 0 ? t("view.basis", { n: number(fact.n, language), from }) : t("view.nothingYet")}
                {fact.at && (
                  <>
                    {" · "}
                    <Moment at={fact.at} />
                  </>
                )}
              </small>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
