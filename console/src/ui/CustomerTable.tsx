/** Customers as rows, wherever they are listed; the name leads to the person. */

import { Table, type TableColumnsType } from "antd";
import { Link, useNavigate } from "react-router";

import type { CustomerRow } from "../api/types";
import { useWorkspace } from "../app/workspace";
import { useText } from "../i18n";
import { money, number } from "../lib/format";
import { Moment } from "./Moment";
import { Pill } from "./Pill";

interface Props {
  rows: CustomerRow[];
  loading?: boolean;
  short?: boolean;
  /** Keys of the columns shown, in the table's own order; all of them when left out. The name always stands. */
  shown?: readonly string[];
  empty?: React.ReactNode;
  sort?: string;
  onSort?: (sort: string | undefined) => void;
}

/** The columns of the short table and their widths; the name takes the rest. */
const SHORT = new Map<unknown, number | undefined>([
  ["name", undefined],
  ["revenue", 96],
  ["last_order_at", 108],
]);

/** Every column that can be chosen, in order. */
export const COLUMNS = ["stage", "rfm", "orders", "revenue", "last_order_at", "last_seen_at", "ids"] as const;

const idCount = (ids: CustomerRow["ids"]) => (Array.isArray(ids) ? ids.length : ids);

export function CustomerTable({ rows, loading, short, shown, empty, sort, onSort }: Props) {
  const { t, language, code } = useText();
  const { currency } = useWorkspace().workspace;
  const navigate = useNavigate();
  const order = (key: string) =>
    onSort
      ? {
          sorter: true,
          sortOrder: sort === `-${key}` ? ("descend" as const) : sort === key ? ("ascend" as const) : null,
        }
      : {};
  const all: TableColumnsType<CustomerRow> = [
    {
      key: "name",
      title: t("customer.one"),
      ...order("name"),
      render: (_, row) => (
        <Link to={`/customers/${encodeURIComponent(row.customer_id)}`} className="customer-link">
          <span>{row.name || row.email || row.customer_id}</span>
          {row.name && row.email && <small className="faint"> {row.email}</small>}
        </Link>
      ),
    },
    {
      key: "stage",
      title: t("customer.stage"),
      render: (_, row) => row.stage && <Pill tone="sea">{code("lifecycle", row.stage)}</Pill>,
    },
    { key: "rfm", title: "RFM", render: (_, row) => row.rfm && <Pill>{code("rfm", row.rfm)}</Pill> },
    {
      key: "orders",
      title: t("metric.orders"),
      align: "right",
      className: "num",
      ...order("orders"),
      render: (_, row) => number(row.orders, language),
    },
    {
      key: "revenue",
      title: t("metric.revenue"),
      align: "right",
      className: "num",
      ...order("revenue"),
      render: (_, row) => money(row.revenue, currency, language),
    },
    {
      key: "last_order_at",
      title: t("customer.lastOrder"),
      ...order("last_order_at"),
      render: (_, row) => <Moment at={row.last_order_at} />,
    },
    {
      key: "last_seen_at",
      title: t("customer.lastSeen"),
      ...order("last_seen_at"),
      render: (_, row) => <Moment at={row.last_seen_at} />,
    },
    {
      key: "ids",
      title: t("customer.ids"),
      align: "right",
      className: "num",
      render: (_, row) => number(idCount(row.ids), language),
    },
  ];
  const columns = short
    ? all.filter((column) => SHORT.has(column.key)).map((column) => ({ ...column, width: SHORT.get(column.key) }))
    : all.filter((column) => column.key === "name" || !shown || shown.includes(String(column.key)));
  return (
    <Table<CustomerRow>
      rowKey="customer_id"
      columns={columns}
      dataSource={rows}
      loading={loading}
      pagination={false}
      size={short ? "small" : "medium"}
      scroll={short ? undefined : { x: "max-content" }}
      tableLayout={short ? "fixed" : undefined}
      locale={{ emptyText: empty }}
      showSorterTooltip={false}
      onRow={(row) => ({
        style: { cursor: "pointer" },
        onClick: (event) => {
          if (!(event.target as HTMLElement).closest("a"))
            void navigate(`/customers/${encodeURIComponent(row.customer_id)}`);
        },
      })}
      onChange={(_, __, sorter) => {
        const one = Array.isArray(sorter) ? sorter[0] : sorter;
        if (!onSort || !one) return;
        const key = String(one.columnKey);
        onSort(one.order === "ascend" ? key : one.order === "descend" ? `-${key}` : undefined);
      }}
    />
  );
}
