/** Who has the tag now, with its value, since when and until when. */

import { Table } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { useMaker } from "../../api/names";
import { type Holder, useHolders } from "../../api/marks";
import { useText } from "../../i18n";
import { CursorPager } from "../../ui/CursorPager";
import { Moment } from "../../ui/Moment";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";

export function Holders({ id }: { id: string }) {
  const { t } = useText();
  const maker = useMaker();
  const [cursor, setCursor] = useState<string>();
  const holders = useHolders(id, cursor);
  return (
    <Section title={t("tag.holders")}>
      <Asked answer={holders} rows={4}>
        {(data) => (
          <>
            <Table<Holder>
              rowKey="customer_id"
              size="small"
              dataSource={data.items}
              pagination={false}
              scroll={{ x: "max-content" }}
              locale={{ emptyText: <Nothing title={t("tag.nobody")} /> }}
              columns={[
                {
                  key: "name",
                  title: t("customer.one"),
                  render: (_, row) => <Link to={`/customers/${row.customer_id}`}>{row.name}</Link>,
                },
                {
                  key: "value",
                  title: t("tag.value"),
                  render: (_, row) => (row.value === true ? "✓" : String(row.value)),
                },
                { key: "since", title: t("tag.since"), render: (_, row) => <Moment at={row.since} /> },
                {
                  key: "until",
                  title: t("tag.until"),
                  render: (_, row) => (row.until ? <Moment at={row.until} /> : "–"),
                },
                { key: "by", title: t("tag.by"), render: (_, row) => maker(row.by) },
              ]}
            />
            <CursorPager next={data.next} cursor={cursor} total={data.total} go={setCursor} />
          </>
        )}
      </Asked>
    </Section>
  );
}
