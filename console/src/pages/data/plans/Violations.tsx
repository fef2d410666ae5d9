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

/** Which plan or rules said it; a plan is opened from here. */
function By({ by }: { by: string }) {
  const [kind, id] = by.split(":");
  if (kind !== "plan" || !id) return by ? <span className="faint mono">{by}</span> : null;
  return (
    <Link className="mono" to={`/plans/${encodeURIComponent(id)}`}>
      {by}
    </Link>
  );
}

export function Violations({ days }: { days: number }) {
  const { t, bi, code, language } = useText();
  const found = useViolations(days);
  const eventOf = (row: ViolationGroup) => {
    const rows = row.type.startsWith("row:") ? row.type.slice(4) : "";
    if (rows) return t("plan.rowsOf", { kind: code("import.kinds", rows) });
    return row.event ? code("event", row.event) : code("eventKind", row.type);
  };
  return (
    <Asked answer={found} rows={4}>
      {(data) => (
        <Wide label={t("plan.violations")} least={720}>
          <Table<ViolationGroup>
            rowKey={(row) =>
              JSON.stringify([row.source, row.type, row.event, row.code, row.field, row.by, row.said, row.offset])
            }
            dataSource={data.items}
            pagination={data.items.length > 20 ? { pageSize: 20 } : false}
            locale={{ emptyText: <Nothing title={t("plan.noViolations")} /> }}
            columns={[
              { key: "source", title: t("customer.source"), render: (_, row) => bi(row.name) },
              {
                key: "event",
                title: t("plan.event"),
                render: (_, row) => (
                  <>
                    <div>{eventOf(row)}</div>
                    {row.offset === null && (
                      <Link to={`/rejected?source=${encodeURIComponent(row.source)}&code=${row.code}`}>
                        <Pill tone="bad">{t("plan.refused")}</Pill>
                      </Link>
                    )}
                  </>
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
                  <div style={{ whiteSpace: "normal", maxWidth: 460 }}>
                    {bi(row.text)} <By by={row.by} />
                    {row.said && <div className="faint">{row.said}</div>}
                  </div>
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
