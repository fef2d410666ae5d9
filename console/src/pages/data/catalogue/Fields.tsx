/** The fields of a dataset: what each holds and on how many rows that is said; several are confirmed together. */

import { App, Button, Select, Table, Tooltip } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { type DataField, type Dataset, type Level, LEVELS, type Said, sayOfData } from "../../../api/catalogue";
import { useText } from "../../../i18n";
import { number, share } from "../../../lib/format";
import { Moment } from "../../../ui/Moment";
import { Nothing, useErrorText } from "../../../ui/States";
import { GradeMark, LevelPill, pageOf } from "./marks";

function Found({ field }: { field: DataField }) {
  const { t, bi } = useText();
  const { detected, standing } = field;
  return (
    <>
      <LevelPill level={field.sensitivity} /> <span className="faint">{t(`standing.${standing}`)}</span>
      {detected && (
        <div className="faint">
          {detected.by === "name"
            ? t("catalogue.foundByName", { what: bi(detected.label) })
            : t("catalogue.found", { what: bi(detected.label), hits: detected.hits, n: detected.n })}
        </div>
      )}
    </>
  );
}

function Users({ field }: { field: DataField }) {
  const { bi } = useText();
  return (
    <>
      {field.used_by.map((user) => {
        const page = pageOf(user.kind, user.id);
        const name = bi(user.name);
        return <div key={`${user.kind}:${user.id}`}>{page ? <Link to={page}>{name}</Link> : name}</div>;
      })}
    </>
  );
}

interface BulkProps {
  dataset: Dataset;
  chosen: string[];
  done: () => Promise<void>;
}

function Bulk({ dataset, chosen, done }: BulkProps) {
  const { t } = useText();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const [level, setLevel] = useState<Level>("personal");
  const [busy, setBusy] = useState(false);
  const fields = new Map(dataset.columns.map((field) => [field.name, field]));
  const say = async (said: (name: string) => Said) => {
    setBusy(true);
    try {
      await sayOfData(dataset.id, chosen, said);
      await done();
      void message.success(t("catalogue.saved"));
    } catch (error) {
      void message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="bulk">
      <strong>{t("catalogue.chosen", { count: chosen.length })}</strong>
      <Select<Level>
        className="filter-select"
        aria-label={t("catalogue.setLevel")}
        value={level}
        onChange={setLevel}
        options={LEVELS.map((value) => ({ value, label: t(`level.${value}`) }))}
      />
      <Button type="primary" loading={busy} onClick={() => void say(() => ({ sensitivity: level }))}>
        {t("catalogue.apply")}
      </Button>
      <Button disabled={busy} onClick={() => void say((name) => ({ sensitivity: fields.get(name)?.sensitivity }))}>
        {t("catalogue.confirmFound")}
      </Button>
      <Button type="text" disabled={busy} onClick={() => void say(() => ({ sensitivity: null }))}>
        {t("catalogue.takeBack")}
      </Button>
    </div>
  );
}

export function Fields(props: { dataset: Dataset; mayChange: boolean; changed: () => Promise<void> }) {
  const { t, language } = useText();
  const { dataset, mayChange, changed } = props;
  const [chosen, setChosen] = useState<string[]>([]);
  const done = async () => {
    await changed();
    setChosen([]);
  };
  return (
    <>
      {chosen.length > 0 && <Bulk dataset={dataset} chosen={chosen} done={done} />}
      <Table<DataField>
        className="wide-table" // not `scroll`: antd would copy the checkbox of the head into a hidden row
        rowKey="name"
        dataSource={dataset.columns}
        pagination={dataset.columns.length > 200 ? { pageSize: 200 } : false}
        locale={{ emptyText: <Nothing title={t("catalogue.noFields")} /> }}
        rowSelection={
          mayChange
            ? {
                selectedRowKeys: chosen,
                onChange: (keys) => setChosen(keys.map(String)),
                getCheckboxProps: (field) => ({ "aria-label": t("catalogue.choose", { name: field.name }) }),
              }
            : undefined
        }
        columns={[
          {
            key: "name",
            title: t("catalogue.field"),
            render: (_, field) => <span className="mono">{field.name}</span>,
          },
          {
            key: "types",
            title: t("catalogue.types"),
            render: (_, field) =>
              Object.keys(field.types)
                .map((name) => t(`dataType.${name}`, { defaultValue: name }))
                .join(", "),
          },
          {
            key: "fill",
            title: t("catalogue.fill"),
            align: "right",
            className: "num",
            sorter: (a, b) => (a.fill ?? 1) - (b.fill ?? 1),
            render: (_, field) =>
              field.fill === null ? (
                t("catalogue.delivers", { count: field.filled, shown: number(field.filled, language) })
              ) : (
                <Tooltip title={t("catalogue.fillOf", { filled: field.filled, n: field.n })}>
                  <span>
                    {share(field.fill, language)} <span className="faint">n={number(field.n, language)}</span>
                  </span>
                </Tooltip>
              ),
          },
          {
            key: "distinct",
            title: t("catalogue.distinct"),
            align: "right",
            className: "num",
            render: (_, field) =>
              field.distinct ? number(field.distinct, language) : <span className="faint">–</span>,
          },
          { key: "sensitivity", title: t("catalogue.sensitivity"), render: (_, field) => <Found field={field} /> },
          {
            key: "grade",
            title: t("catalogue.grade"),
            sorter: (a, b) => a.grade.localeCompare(b.grade),
            render: (_, field) => <GradeMark grade={field.grade} />,
          },
          { key: "used", title: t("catalogue.usedBy"), render: (_, field) => <Users field={field} /> },
          { key: "seen", title: t("catalogue.lastSeen"), render: (_, field) => <Moment at={field.last_seen} /> },
        ]}
      />
    </>
  );
}
