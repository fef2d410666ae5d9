/** Every defined trait: what it measures, how many customers have a value, how fresh that is, who answers for it. */

import { AppstoreAddOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select, Space, Table } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { GROUPS, type TraitRow, useTraits } from "../../api/traits";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { number, share } from "../../lib/format";
import { Fresh } from "../../ui/Fresh";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import { Presets } from "./Presets";

function Coverage({ row }: { row: TraitRow }) {
  const { language } = useText();
  if (!row.coverage || row.coverage.share === null) return <>–</>;
  return (
    <span className="num">
      {share(row.coverage.share, language)}{" "}
      <small className="faint">
        {number(row.coverage.n, language)} / {number(row.coverage.total, language)}
      </small>
    </span>
  );
}

export default function Traits() {
  const { t, bi } = useText();
  const navigate = useNavigate();
  const { user } = useWorkspace();
  const { get, set } = useAddress();
  const [choosing, setChoosing] = useState(false);
  const traits = useTraits();
  const q = (get("q") ?? "").toLowerCase();
  const group = get("group");
  const writes = user.role !== "viewer";
  const action = writes ? (
    <Space>
      <Button icon={<AppstoreAddOutlined aria-hidden />} onClick={() => setChoosing(true)}>
        {t("traits.addPreset")}
      </Button>
      <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => void navigate("/traits/new")}>
        {t("traits.create")}
      </Button>
    </Space>
  ) : undefined;
  const fits = (row: TraitRow) =>
    (!group || row.group === group) &&
    [row.id, row.name.en, row.name.zh, row.owner].some((text) => text.toLowerCase().includes(q));
  return (
    <Page title={t("traits.title")} lead={t("traits.lead")} action={action}>
      <div className="filters gap-below" role="search">
        <Input.Search
          aria-label={t("traits.search")}
          placeholder={t("traits.search")}
          allowClear
          style={{ width: 280 }}
          value={get("q") ?? ""}
          onChange={(event) => set({ q: event.target.value || undefined }, true)}
        />
        <Select
          aria-label={t("traits.group")}
          style={{ minWidth: 150 }}
          value={group ?? ""}
          onChange={(next: string) => set({ group: next || undefined })}
          options={[
            { value: "", label: t("traits.anyGroup") },
            ...GROUPS.map((one) => ({ value: one, label: t(`traits.groups.${one}`) })),
          ]}
        />
      </div>
      <Asked answer={traits} rows={8}>
        {(data) => (
          <Section className="flush" title={t("traits.defined")} extra={<Fresh asOf={data.as_of ?? undefined} />}>
            <Table<TraitRow>
              rowKey="id"
              dataSource={data.items.filter(fits)}
              pagination={false}
              scroll={{ x: "max-content" }}
              locale={{
                emptyText: data.items.length ? (
                  <Nothing title={t("traits.noneFit")} />
                ) : (
                  <Nothing title={t("traits.none")} help={t("traits.noneHelp")} action={action} />
                ),
              }}
              columns={[
                {
                  key: "name",
                  title: t("traits.name"),
                  render: (_, row) => (
                    <Link to={`/traits/${row.id}`}>
                      <strong>{bi(row.name)}</strong> <span className="mono faint">{row.id}</span>
                    </Link>
                  ),
                },
                {
                  key: "sentence",
                  title: t("traits.says"),
                  render: (_, row) => <div style={{ maxWidth: 460, whiteSpace: "normal" }}>{bi(row.sentence)}</div>,
                },
                {
                  key: "group",
                  title: t("traits.group"),
                  render: (_, row) => <Pill>{t(`traits.groups.${row.group}`)}</Pill>,
                },
                { key: "type", title: t("traits.type"), render: (_, row) => t(`traits.types.${row.type}`) },
                {
                  key: "coverage",
                  title: t("traits.coverage"),
                  align: "right",
                  sorter: (a, b) => (a.coverage?.n ?? 0) - (b.coverage?.n ?? 0),
                  render: (_, row) => <Coverage row={row} />,
                },
                { key: "owner", title: t("traits.owner"), render: (_, row) => row.owner || "–" },
                {
                  key: "used",
                  title: t("traits.usedBy"),
                  align: "right",
                  render: (_, row) => (row.used_by.length ? row.used_by.length : "–"),
                },
              ]}
            />
          </Section>
        )}
      </Asked>
      {choosing && <Presets close={() => setChoosing(false)} />}
    </Page>
  );
}
