/** What did not come in, and why: kept, so that it can be mended and sent again. */

import { Table } from "antd";

import { useRejected } from "../../api/hooks";
import type { Rejected } from "../../api/types";
import { useText } from "../../i18n";
import { CursorPager } from "../../ui/CursorPager";
import { Moment } from "../../ui/Moment";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";

function text(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body, null, 2);
}

export default function RejectedRows() {
  const { t, bi, code } = useText();
  const { get, set } = useAddress();
  const cursor = get("cursor");
  const rejected = useRejected(cursor);
  return (
    <Page title={t("rejected.title")} lead={t("rejected.lead")}>
      <Asked answer={rejected} rows={8}>
        {(data) => (
          <Section className="flush">
            <Table<Rejected>
              rowKey={(row) => String(row.rejected_id)}
              dataSource={data.items}
              pagination={false}
              scroll={{ x: "max-content" }}
              locale={{ emptyText: <Nothing title={t("rejected.none")} help={t("rejected.noneHelp")} /> }}
              expandable={{ expandedRowRender: (row) => <pre className="block">{text(row.body)}</pre> }}
              columns={[
                { key: "at", title: t("customer.when"), render: (_, row) => <Moment at={row.at} /> },
                {
                  key: "source",
                  title: t("customer.source"),
                  render: (_, row) => (
                    <>
                      {code("source", row.source)}
                      {row.place && <div className="faint mono">{row.place}</div>}
                    </>
                  ),
                },
                {
                  key: "code",
                  title: t("rejected.code"),
                  render: (_, row) => <Pill tone="bad">{row.reason.code}</Pill>,
                },
                {
                  key: "message",
                  title: t("rejected.why"),
                  render: (_, row) => (
                    <div style={{ whiteSpace: "normal", maxWidth: 620 }}>
                      {bi(row.reason.text)}
                      <div className="faint">{row.reason.message}</div>
                    </div>
                  ),
                },
              ]}
            />
            <CursorPager next={data.next} cursor={cursor} total={data.total} go={(next) => set({ cursor: next })} />
          </Section>
        )}
      </Asked>
    </Page>
  );
}
