/** What she received, and for everything she did not, why not. */

import { Table } from "antd";
import { Link } from "react-router";

import { useCustomerMessages } from "../../api/hooks";
import { useNames } from "../../api/names";
import type { SendRow } from "../../api/types";
import { useText } from "../../i18n";
import { Moment } from "../../ui/Moment";
import { Pill, toneOf } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import { MessageDrawer } from "./MessageDrawer";

export function MessagesTab({ id }: { id: string }) {
  const { t, bi, code } = useText();
  const { get, set } = useAddress();
  const messages = useCustomerMessages(id);
  const names = useNames();
  const chosen = get("message") ?? null;
  const why = (row: SendRow) => bi(row.reason_text) || code("reason", row.reason);
  return (
    <Section title={t("customer.messages")} help={t("customer.messagesHelp")}>
      <Asked answer={messages} rows={6}>
        {(data) => (
          <Table<SendRow>
            rowKey="send_key"
            size="small"
            dataSource={data.items}
            scroll={{ x: "max-content" }}
            pagination={data.items.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
            locale={{ emptyText: <Nothing title={t("customer.noMessages")} help={t("customer.noMessagesHelp")} /> }}
            columns={[
              { key: "at", title: t("customer.when"), render: (_, row) => <Moment at={row.at} /> },
              {
                key: "what",
                title: t("customer.what"),
                render: (_, row) =>
                  row.subject ? (
                    <a
                      href={`?tab=messages&message=${encodeURIComponent(row.send_key)}`}
                      onClick={(event) => {
                        event.preventDefault();
                        set({ message: row.send_key });
                      }}
                    >
                      {row.subject}
                    </a>
                  ) : (
                    <span className="faint">{code("channel", row.channel)}</span>
                  ),
              },
              {
                key: "status",
                title: t("customer.status"),
                render: (_, row) => (
                  <>
                    <Pill tone={toneOf(row.status)}>{code("sendStatus", row.status)}</Pill>
                    {row.reason && <div className="why-not">{why(row)}</div>}
                  </>
                ),
              },
              {
                key: "journey",
                title: t("menu.journeys"),
                render: (_, row) =>
                  row.journey && (
                    <Link to={`/journeys/${row.journey}${row.node ? `?node=${row.node}` : ""}`}>
                      {names("journey", row.journey)}
                      {row.node && <span className="faint"> · {row.node}</span>}
                    </Link>
                  ),
              },
              {
                key: "campaign",
                title: t("menu.campaigns"),
                render: (_, row) =>
                  row.campaign && <Link to={`/campaigns/${row.campaign}`}>{names("campaign", row.campaign)}</Link>,
              },
              { key: "opened", title: t("metric.opened"), render: (_, row) => <Moment at={row.opened_at} /> },
              { key: "clicked", title: t("metric.clicked"), render: (_, row) => <Moment at={row.clicked_at} /> },
            ]}
          />
        )}
      </Asked>
      <MessageDrawer sendKey={chosen} close={() => set({ message: undefined })} />
    </Section>
  );
}
