/** Values that link nobody, or nobody else: put on the list with a look at what follows, or released. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Input, Select, Switch, Table } from "antd";
import { useState } from "react";

import { useMaker } from "../../api/names";
import { type Blocked, blockIdentifier, previewBlock, releaseIdentifier, useBlocked } from "../../api/identity";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { CursorPager } from "../../ui/CursorPager";
import { Moment } from "../../ui/Moment";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing, useErrorText } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import { Decision } from "../customers/identity/Decision";

const TYPES = ["phone", "email", "device_id", "anonymous_id", "openid", "unionid", "member_card", "user_id"];

export function BlockedValues() {
  const { t, code } = useText();
  const maker = useMaker();
  const { get, set } = useAddress();
  const { message, modal } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const mayWrite = useWorkspace().user.role !== "viewer";
  const [lifted, setLifted] = useState(false);
  const cursor = get("cursor");
  const rows = useBlocked(lifted, cursor);
  const [type, setType] = useState(TYPES.find((one) => one === get("type")) ?? "phone");
  const [value, setValue] = useState(get("value") ?? "");
  const [status, setStatus] = useState("blocked");
  const [adding, setAdding] = useState(false);
  const release = (row: Blocked) =>
    modal.confirm({
      title: t("identities.releaseAsk", { value: row.value }),
      content: t("identities.releaseHelp"),
      okText: t("identities.release"),
      onOk: async () => {
        try {
          await releaseIdentifier({ type: row.type, value: row.value });
          await client.invalidateQueries({ queryKey: ["blocked"] });
          message.success(t("identities.released"));
        } catch (error) {
          message.error(errorText(error));
        }
      },
    });
  return (
    <div className="stack">
      {mayWrite && (
        <div className="row wrap">
          <Select
            aria-label={t("identity.type")}
            value={type}
            onChange={setType}
            style={{ width: 170 }}
            options={TYPES.map((one) => ({ value: one, label: code("idType", one) }))}
          />
          <Input
            aria-label={t("customer.value")}
            placeholder={t("identities.valueHelp")}
            style={{ width: 280 }}
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
          <Select
            aria-label={t("customer.status")}
            value={status}
            onChange={setStatus}
            style={{ width: 220 }}
            options={["blocked", "shared"].map((one) => ({ value: one, label: t(`identities.as.${one}`) }))}
          />
          <Button type="primary" disabled={!value.trim()} onClick={() => setAdding(true)}>
            {t("identities.block")}
          </Button>
          <span className="row" style={{ marginInlineStart: "auto" }}>
            <Switch aria-label={t("identities.showLifted")} checked={lifted} onChange={setLifted} />{" "}
            {t("identities.showLifted")}
          </span>
        </div>
      )}
      <Asked answer={rows} rows={6}>
        {(data) => (
          <Section className="flush">
            <Table<Blocked>
              rowKey={(row) => `${row.type}:${row.value}`}
              dataSource={data.items}
              pagination={false}
              scroll={{ x: "max-content" }}
              locale={{ emptyText: <Nothing title={t("identities.noBlocked")} help={t("identities.noBlockedHelp")} /> }}
              columns={[
                { key: "type", title: t("identity.type"), render: (_, row) => code("idType", row.type) },
                {
                  key: "value",
                  title: t("customer.value"),
                  render: (_, row) => <span className="mono">{row.value}</span>,
                },
                {
                  key: "status",
                  title: t("customer.status"),
                  render: (_, row) => (
                    <Pill tone={row.status === "blocked" ? "bad" : "slate"}>{code("idStatus", row.status)}</Pill>
                  ),
                },
                {
                  key: "why",
                  title: t("identity.reason"),
                  render: (_, row) =>
                    row.why === "learned"
                      ? t("identities.learned", { count: row.customers })
                      : row.reason || t("identities.byHand"),
                },
                {
                  key: "by",
                  title: t("identities.by"),
                  render: (_, row) => maker(row.made_by),
                },
                { key: "at", title: t("customer.when"), render: (_, row) => <Moment at={row.lifted_at ?? row.at} /> },
                {
                  key: "do",
                  title: "",
                  render: (_, row) =>
                    mayWrite &&
                    !lifted && (
                      <Button size="small" onClick={() => release(row)}>
                        {t("identities.release")}
                      </Button>
                    ),
                },
              ]}
            />
            <CursorPager next={data.next} cursor={cursor} total={null} go={(next) => set({ cursor: next })} />
          </Section>
        )}
      </Asked>
      <Decision
        open={adding}
        title={t("identities.blockTitle")}
        confirm={t("identities.block")}
        asked={adding ? ["block", type, value.trim(), status] : null}
        preview={() => previewBlock({ type, value: value.trim() }, status)}
        carryOut={(reason) => blockIdentifier({ type, value: value.trim() }, status, reason)}
        onClose={() => setAdding(false)}
        onDone={() => setValue("")}
      >
        <p className="section-help">{t(`identities.asHelp.${status}`)}</p>
      </Decision>
    </div>
  );
}
