/** What was not as the plan or the rules want it, counted; refused calls lead to where they are mended. */

import { Table } from "antd";
import { Link } from "react-router";

import { useViolations, type ViolationGroup } from "../../../api/quality";
import { useText } from "../../../i18n";
import { number } from "../../../lib/format";
import { Moment } from "../../../ui/Moment";
import { Pill } from "../../../ui/Pill";
import { Asked, Nothing } from "../../../ui/States";
import { Wide } from "../../../ui/Wide";

export function Violations({ days }: { days: number }) {
  const { t, bi, code, language } = useText();
  const found = useViolations(days);
  return (
    <Asked answer={found} rows={4}>
      {(data) => (
        <Wide label={t("plan.violations")} least={720}>
          <Table<ViolationGroup>
            rowKey={(row) => `${row.source} ${row.type} ${row.event} ${row.code} ${row.field} ${row.by} ${row.offset}`}
            dataSource={data.items}
            pagination={data.items.length > 20 ? { pageSize: 20 } : false}
            locale={{ emptyText: <Nothing title={t("plan.noViolations")} /> }}
            columns={[
              { key: "source", title: t("customer.source"), render: (_, row) => bi(row.name) },
              {
                key: "event",
                title: t("plan.event"),
                render: (_, row) =>
                  row.offset === null ? (
                    <Link to={`/rejected?source=${encodeURIComponent(row.source)}&code=${row.code}`}>
                      <Pill tone="bad">{t("plan.refused")}</Pill>
                    </Link>
                  ) : (
                    code("event", row.event || row.type)
                  ),
              },
              {
                key: "field",
                title: t("plan.property"),
                render: (_, row) => <span className="mono">{row.field}</span>,
              },
              {
                key: "what",
                title: t("plan.what"),
                render: (_, row) => (
                  <>
                    {bi(row.text)} {row.by && <span className="faint mono">{row.by}</span>}
                  </>
                ),
              },
              {
                key: "n",
                title: t("plan.times"),
                align: "right",
                className: "num",
                render: (_, row) => number(row.n, language),
              },
              { key: "last", title: t("plan.last"), render: (_, row) => <Moment at={row.last_at} /> },
            ]}
          />
        </Wide>
      )}
    </Asked>
  );
}
