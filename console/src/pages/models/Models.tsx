/** Every model of a kind: what it is about, how good its newest version is, and the form of a new one. */

import { PlusOutlined } from "@ant-design/icons";
import { Button, Progress, Table } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { useModels, type Kind, type ModelRow } from "../../api/models";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { time } from "../../lib/format";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { NewModel } from "./NewModel";
import { addressOf } from "./kinds";

export function Models({ kind }: { kind: Kind }) {
  const { t, bi, language } = useText();
  const { zone } = useWorkspace().workspace;
  const models = useModels(kind);
  const [open, setOpen] = useState(false);
  const create = (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setOpen(true)}>
      {t("models.create")}
    </Button>
  );
  return (
    <Page title={t(`models.${kind}.title`)} lead={t(`models.${kind}.lead`)} action={create}>
      <Section>
        <Asked answer={models} rows={6}>
          {(data) =>
            data.items.length === 0 ? (
              <Nothing title={t(`models.${kind}.none`)} help={t(`models.${kind}.noneHelp`)} action={create} />
            ) : (
              <Table<ModelRow>
                rowKey="id"
                size="middle"
                pagination={false}
                dataSource={data.items}
                scroll={{ x: "max-content" }}
                columns={[
                  {
                    key: "name",
                    title: t("models.name"),
                    render: (_, one) => (
                      <Link to={`${addressOf[kind]}/${encodeURIComponent(one.id)}`}>{bi(one.name)}</Link>
                    ),
                  },
                  { key: "id", title: t("models.id"), render: (_, one) => <span className="mono">{one.id}</span> },
                  {
                    key: "version",
                    title: t("models.version"),
                    align: "right",
                    className: "num",
                    render: (_, one) => one.version?.version ?? t("models.untrained"),
                  },
                  {
                    key: "at",
                    title: t("models.trained"),
                    render: (_, one) => (one.version ? time(one.version.created_at, language, zone) : ""),
                  },
                  {
                    key: "job",
                    title: t("models.state"),
                    width: 180,
                    render: (_, one) =>
                      one.job ? (
                        <Progress
                          percent={Math.round(100 * one.job.share)}
                          size="small"
                          aria-label={t("models.underWay")}
                        />
                      ) : one.version?.scored_at ? (
                        t("models.written")
                      ) : (
                        ""
                      ),
                  },
                ]}
              />
            )
          }
        </Asked>
      </Section>
      {open && <NewModel kind={kind} close={() => setOpen(false)} />}
    </Page>
  );
}
