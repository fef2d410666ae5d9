/** Who brought her, whom she brought, with whom she shares a household or an account. */

import { Link } from "react-router";

import { useSourceName } from "../../../api/names";
import { useRelations } from "../../../api/customers";
import { useText } from "../../../i18n";
import { Moment } from "../../../ui/Moment";
import { Pill } from "../../../ui/Pill";
import { Section } from "../../../ui/Section";
import { Asked } from "../../../ui/States";
import type { PanelProps } from "./panel";

const HOW = ["referred_by", "refers", "household", "account"];
const MOST = 8;

export function Social({ customer, at }: PanelProps) {
  const { t, code } = useText();
  const sourceName = useSourceName();
  const relations = useRelations(customer.customer_id, at);
  return (
    <Section title={t("view.social")} help={t("view.socialHelp")}>
      <Asked answer={relations} rows={2}>
        {(found) => (
          <>
            {found.items.length === 0 && !found.unknown_referrer && (
              <span className="faint">{t("view.noRelations")}</span>
            )}
            {found.unknown_referrer && <p className="section-help">{t("view.unknownReferrer")}</p>}
            {HOW.map((how) => {
              const those = found.items.filter((one) => one.how === how);
              if (those.length === 0) return null;
              return (
                <div className="relation" key={how}>
                  <h3>{t(`view.how_related.${how}`, { count: those.length })}</h3>
                  {those.slice(0, MOST).map((one) => (
                    <div className="row" key={one.customer.customer_id}>
                      <Link to={`/customers/${encodeURIComponent(one.customer.customer_id)}`}>
                        {one.customer.name || one.customer.customer_id}
                      </Link>
                      <Pill>{code("lifecycle", one.customer.stage)}</Pill>
                      <span className="faint">
                        {sourceName(one.source)} · <Moment at={one.at} />
                      </span>
                    </div>
                  ))}
                  {those.length > MOST && <span className="faint">{t("view.more", { n: those.length - MOST })}</span>}
                </div>
              );
            })}
          </>
        )}
      </Asked>
    </Section>
  );
}
