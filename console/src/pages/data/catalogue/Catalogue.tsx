/** Every dataset: filter by what it is, how sensitive, whose. */

import { DownloadOutlined, ReloadOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Input, Select, Table } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { CLASSES, type DatasetRow, LEVELS, scanData, useDatasets } from "../../../api/catalogue";
import { useWorkspace } from "../../../app/workspace";
import { useText } from "../../../i18n";
import { number } from "../../../lib/format";
import { Moment } from "../../../ui/Moment";
import { Page } from "../../../ui/Page";
import { Section } from "../../../ui/Section";
import { Asked, Nothing, useErrorText } from "../../../ui/States";
import { useAddress } from "../../../ui/useAddress";
import { datasetPage, GradeMark, LevelPill } from "./marks";

const GROUPS = ["people", "events", "calls", "tables", "segments", "sources"] as const;
const NOBODY = "-";

function Look({ primary }: { primary?: boolean }) {
  const { t, language } = useText();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const look = async () => {
    setBusy(true);
    try {
      const { datasets, fields, ms } = await scanData();
      await client.invalidateQueries({ queryKey: ["datasets"] });
      void message.success(t("catalogue.scanned", { datasets, fields, seconds: number(ms / 1000, language, 1) }));
    } catch (error) {
      void message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      type={primary ? "primary" : "default"}
      icon={<ReloadOutlined aria-hidden />}
      loading={busy}
      onClick={() => void look()}
    >
      {t("catalogue.scan")}
    </Button>
  );
}

type Get = (name: string) => string | undefined;

function matches(row: DatasetRow, label: string, get: Get): boolean {
  const q = get("q")?.toLowerCase();
  if (q && !`${row.id} ${label}`.toLowerCase().includes(q)) return false;
  const owner = get("owner");
  if (owner && row.owner !== (owner === NOBODY ? "" : owner)) return false;
  if (get("confirm") && row.to_confirm === 0) return false;
  const wanted = { group: row.group, class: row.class, level: row.sensitivity };
  return Object.entries(wanted).every(([name, value]) => !get(name) || get(name) === value);
}

function Filters({ rows }: { rows: DatasetRow[] }) {
  const { t } = useText();
  const { get, set } = useAddress();
  const owners = [...new Set(rows.map((row) => row.owner).filter(Boolean))].sort();
  const choice = (name: string, any: string, options: { value: string; label: string }[]) => (
    <Select
      className="filter-select"
      aria-label={any}
      value={get(name) ?? ""}
      onChange={(value) => set({ [name]: value })}
      options={[{ value: "", label: any }, ...options]}
    />
  );
  return (
    <div className="filters">
      <Input
        allowClear
        style={{ width: 220 }}
        placeholder={t("catalogue.search")}
        aria-label={t("catalogue.search")}
        value={get("q") ?? ""}
        onChange={(event) => set({ q: event.target.value }, true)}
      />
      {choice(
        "group",
        t("catalogue.anyGroup"),
        GROUPS.map((value) => ({ value, label: t(`datasetGroup.${value}`) })),
      )}
      {choice(
        "class",
        t("catalogue.anyClass"),
        CLASSES.map((value) => ({ value, label: t(`dataClass.${value}`) })),
      )}
      {choice(
        "level",
        t("catalogue.anyLevel"),
        LEVELS.map((value) => ({ value, label: t(`level.${value}`) })),
      )}
      {choice("owner", t("catalogue.anyOwner"), [
        ...owners.map((value) => ({ value, label: value })),
        { value: NOBODY, label: t("catalogue.noOwner") },
      ])}
      <Checkbox
        checked={Boolean(get("confirm"))}
        onChange={(event) => set({ confirm: event.target.checked ? "1" : "" })}
      >
        {t("catalogue.toConfirmOnly")}
      </Checkbox>
    </div>
  );
}

export default function Catalogue() {
  const { t, bi, language } = useText();
  const { get } = useAddress();
  const { user } = useWorkspace();
  const datasets = useDatasets();
  const mayLook = user.role !== "viewer";
  const action = (
    <div className="row">
      <Button icon={<DownloadOutlined aria-hidden />} href="/api/catalogue/export" download>
        {t("catalogue.export")}
      </Button>
      {mayLook && <Look />}
    </div>
  );
  return (
    <Page
      title={t("catalogue.title")}
      lead={t("catalogue.lead")}
      tags={
        datasets.data?.scanned_at && (
          <span className="faint page-note">
            {t("catalogue.scannedAt")} <Moment at={datasets.data.scanned_at} />
          </span>
        )
      }
      action={action}
    >
      <Asked answer={datasets} rows={10}>
        {(data) =>
          data.scanned_at === null ? (
            <Section>
              <Nothing
                title={t("catalogue.never")}
                help={t("catalogue.neverHelp")}
                action={mayLook && <Look primary />}
              />
            </Section>
          ) : (
            <>
              <Filters rows={data.items} />
              <Section className="flush">
                <Table<DatasetRow>
                  rowKey="id"
                  dataSource={data.items.filter((row) => matches(row, bi(row.label), get))}
                  pagination={data.items.length > 100 ? { pageSize: 100 } : false}
                  scroll={{ x: "max-content" }}
                  locale={{ emptyText: <Nothing title={t("catalogue.none")} help={t("catalogue.noneHelp")} /> }}
                  columns={[
                    {
                      key: "name",
                      title: t("catalogue.name"),
                      render: (_, row) => (
                        <>
                          <Link to={datasetPage(row.id)}>
                            <strong>{bi(row.label)}</strong>
                          </Link>
                          <div className="faint mono">{row.id}</div>
                        </>
                      ),
                    },
                    {
                      key: "n",
                      title: t("catalogue.rows"),
                      align: "right",
                      className: "num",
                      sorter: (a, b) => a.n - b.n,
                      render: (_, row) => number(row.n, language),
                    },
                    {
                      key: "fields",
                      title: t("catalogue.fields"),
                      align: "right",
                      className: "num",
                      render: (_, row) => number(row.fields, language),
                    },
                    {
                      key: "sensitivity",
                      title: t("catalogue.sensitivity"),
                      sorter: (a, b) => LEVELS.indexOf(a.sensitivity) - LEVELS.indexOf(b.sensitivity),
                      render: (_, row) => (
                        <>
                          <LevelPill level={row.sensitivity} />{" "}
                          {row.to_confirm > 0 && (
                            <span className="faint">{t("catalogue.toConfirm", { count: row.to_confirm })}</span>
                          )}
                        </>
                      ),
                    },
                    { key: "class", title: t("catalogue.class"), render: (_, row) => t(`dataClass.${row.class}`) },
                    {
                      key: "grade",
                      title: t("catalogue.grade"),
                      sorter: (a, b) => a.grade.localeCompare(b.grade),
                      render: (_, row) => <GradeMark grade={row.grade} />,
                    },
                    {
                      key: "owner",
                      title: t("catalogue.owner"),
                      render: (_, row) => row.owner || <span className="faint">–</span>,
                    },
                    {
                      key: "used",
                      title: t("catalogue.usedBy"),
                      align: "right",
                      className: "num",
                      sorter: (a, b) => a.used_by - b.used_by,
                      render: (_, row) => number(row.used_by, language),
                    },
                    {
                      key: "seen",
                      title: t("catalogue.lastSeen"),
                      sorter: (a, b) => (a.last_seen ?? "").localeCompare(b.last_seen ?? ""),
                      render: (_, row) => <Moment at={row.last_seen} />,
                    },
                  ]}
                />
              </Section>
            </>
          )
        }
      </Asked>
    </Page>
  );
}
