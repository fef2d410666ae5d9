/** The traits that definitions say of her, by group: each with its n or interval, its source and its time. */

import { Link } from "react-router";

import { GROUPS, useCustomerTraits } from "../../../api/traits";
import { useText } from "../../../i18n";
import { number } from "../../../lib/format";
import { Moment } from "../../../ui/Moment";
import { Section } from "../../../ui/Section";
import { TraitValue } from "../../traits/TraitValue";
import type { PanelProps } from "./panel";

export function Defined({ customer, view, at }: PanelProps) {
  const { t, bi, language } = useText();
  const traits = useCustomerTraits(customer.customer_id, at ? view.as_of : null).data;
  const shown = GROUPS.map((group) => ({ group, rows: traits?.groups[group] ?? [] })).filter((one) => one.rows.length);
  if (shown.length === 0) return null;
  return (
    <Section title={t("traits.defined")}>
      {shown.map(({ group, rows }) => (
        <section key={group} style={{ margin: "0 0 12px" }}>
          <strong className="faint">{t(`traits.groups.${group}`)}</strong>
          {rows.map((row) => (
            <div key={row.id} style={{ display: "flex", gap: 8, justifyContent: "space-between", padding: "3px 0" }}>
              <span>
                <Link to={`/traits/${row.id}`} title={bi(row.sentence)}>
                  {bi(row.name)}
                </Link>
              </span>
              <span style={{ textAlign: "end" }}>
                <TraitValue value={row.value} /> {bi(row.unit)}{" "}
                <small className="faint">
                  {row.low !== null && row.high !== null
                    ? `[${number(row.low, language, 2)}, ${number(row.high, language, 2)}] `
                    : ""}
                  {row.n !== null ? `n = ${number(row.n, language)} ` : ""}
                  {row.source === "computed" ? "" : `${row.source} `}
                  {row.as_of && <Moment at={row.as_of} />}
                </small>
              </span>
            </div>
          ))}
        </section>
      ))}
    </Section>
  );
}
