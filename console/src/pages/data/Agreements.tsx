/** Agreements about other parties' data: what may be used, for what, and for how many more days. */

import { PlusOutlined } from "@ant-design/icons";
import { Button, Table, Tooltip } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { type Agreement, useAgreements } from "../../api/agreements";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { day, number, time, timeWithSeconds } from "../../lib/format";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { AgreementForm } from "./agreements/AgreementForm";

const SOON = 30; // days

/** The day it ends on as it was written, which still counts whole; an instant in the workspace's zone. */
function Ends({ one }: { one: Agreement }) {
  const { language } = useText();
  const { zone } = useWorkspace().workspace;
  const { expires } = one.document;
  const said = typeof expires === "string" ? expires : "";
  const exact = `${timeWithSeconds(one.expires_at, language, zone)} (${zone})`;
  return (
    <Tooltip title={exact}>
      <time dateTime={one.expires_at}>
        {/^\d{4}-\d{2}-\d{2}$/.test(said) ? day(said, language, "UTC") : time(one.expires_at, language, zone)}
      </time>
    </Tooltip>
  );
}

function Left({ one }: { one: Agreement }) {
  const { t, language } = useText();
  if (one.state === "expired") return <Pill tone="bad">{t("agreement.expired")}</Pill>;
  const tone = one.days_left <= SOON ? "lamp" : "good";
  return <Pill tone={tone}>{t("agreement.left", { count: one.days_left, n: number(one.days_left, language) })}</Pill>;
}

export default function Agreements() {
  const { t, bi } = useText();
  const { user } = useWorkspace();
  const agreements = useAgreements();
  const [asked, setAsked] = useState<Agreement | "new" | null>(null);
  const writes = user.role !== "viewer";
  const add = writes ? (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setAsked("new")}>
      {t("agreement.new")}
    </Button>
  ) : undefined;
  return (
    <Page title={t("agreement.title")} lead={t("agreement.lead")} action={add}>
      <Asked answer={agreements} rows={4}>
        {(data) => (
          <Section className="flush">
            <Table<Agreement>
              rowKey="id"
              dataSource={data.items}
              pagination={false}
              scroll={{ x: "max-content" }}
              locale={{ emptyText: <Nothing title={t("agreement.none")} help={t("agreement.noneHelp")} /> }}
              columns={[
                { key: "name", title: t("agreement.name"), render: (_, one) => <strong>{bi(one.name)}</strong> },
                {
                  key: "party",
                  title: t("agreement.party"),
                  render: (_, one) => (
                    <>
                      {one.party} <Pill>{t(`agreement.relations.${one.relation}`)}</Pill>
                    </>
                  ),
                },
                { key: "purpose", title: t("agreement.purpose"), render: (_, one) => one.purpose.join(", ") },
                {
                  key: "sources",
                  title: t("menu.sources"),
                  render: (_, one) =>
                    one.sources.map((id) => (
                      <span key={id} className="mono">
                        <Link to={`/sources/${encodeURIComponent(id)}`}>{id}</Link>{" "}
                      </span>
                    )),
                },
                {
                  key: "fields",
                  title: t("agreement.fields"),
                  render: (_, one) =>
                    one.fields ? <span className="mono">{one.fields.join(", ")}</span> : t("agreement.all"),
                },
                { key: "ends", title: t("agreement.ends"), render: (_, one) => <Ends one={one} /> },
                { key: "state", title: t("agreement.state"), render: (_, one) => <Left one={one} /> },
                {
                  key: "act",
                  title: "",
                  align: "right",
                  render: (_, one) =>
                    writes && (
                      <Button size="small" type="text" onClick={() => setAsked(one)}>
                        {t("agreement.change")}
                      </Button>
                    ),
                },
              ]}
            />
          </Section>
        )}
      </Asked>
      {asked !== null && <AgreementForm of={asked === "new" ? null : asked} close={() => setAsked(null)} />}
    </Page>
  );
}
