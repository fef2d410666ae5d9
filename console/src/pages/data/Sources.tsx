/** Where data comes from by itself: every source, how it is doing, and the way to another one. */

import { PlusOutlined } from "@ant-design/icons";
import { Button, Table } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { type SourceRow, useSources } from "../../api/sources";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { Moment } from "../../ui/Moment";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { Standing } from "./sources/Standing";
import { Wizard } from "./sources/Wizard";

export default function Sources() {
  const { t, bi, language } = useText();
  const go = useNavigate();
  const sources = useSources();
  const [open, setOpen] = useState(false);
  const add = (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setOpen(true)}>
      {t("sources.new")}
    </Button>
  );
  return (
    <Page title={t("sources.title")} lead={t("sources.lead")} action={add}>
      <Asked answer={sources} rows={5}>
        {(data) => (
          <Section className="flush">
            <Table<SourceRow>
              rowKey="id"
              dataSource={data.items}
              pagination={false}
              scroll={{ x: "max-content" }}
              locale={{ emptyText: <Nothing title={t("sources.none")} help={t("sources.noneHelp")} /> }}
              columns={[
                {
                  key: "name",
                  title: t("sources.name"),
                  render: (_, one) => (
                    <Link to={`/sources/${encodeURIComponent(one.id)}`}>
                      <strong>{bi(one.name)}</strong>
                    </Link>
                  ),
                },
                {
                  key: "connector",
                  title: t("sources.connector"),
                  render: (_, one) => <span className="mono">{one.connector}</span>,
                },
                {
                  key: "rows",
                  title: t("import.kind"),
                  render: (_, one) => (one.rows ? t(`import.kinds.${one.rows}`, { defaultValue: one.rows }) : "–"),
                },
                { key: "state", title: t("sources.state"), render: (_, one) => <Standing source={one} /> },
                { key: "last", title: t("sources.lastRun"), render: (_, one) => <Moment at={one.last_run?.at} /> },
                {
                  key: "new",
                  title: t("import.accepted"),
                  align: "right",
                  render: (_, one) => number(one.last_run?.accepted, language),
                },
                {
                  key: "rejected",
                  title: t("import.rejected"),
                  align: "right",
                  render: (_, one) =>
                    one.last_run?.rejected ? (
                      <Link to={`/rejected?source=${encodeURIComponent(one.id)}`}>
                        {number(one.last_run.rejected, language)}
                      </Link>
                    ) : (
                      number(one.last_run?.rejected, language)
                    ),
                },
                { key: "next", title: t("sources.nextRun"), render: (_, one) => <Moment at={one.next_at} /> },
              ]}
            />
          </Section>
        )}
      </Asked>
      <Wizard open={open} close={() => setOpen(false)} saved={(id) => void go(`/sources/${encodeURIComponent(id)}`)} />
    </Page>
  );
}
