/** The first rows of a source: which column feeds which field, and what the rows would become. */

import { Alert, Select, Table } from "antd";

import type { Peek } from "../../../api/sources";
import { useText } from "../../../i18n";

interface Props {
  peek: Peek;
  onMap: (field: string | null, column: string) => void;
}

export function Mapping({ peek, onMap }: Props) {
  const { t, code } = useText();
  const first = peek.refused[0];
  return (
    <>
      {peek.missing.length > 0 && (
        <Alert
          className="gap-below"
          type="warning"
          showIcon
          title={t("sources.missing", { fields: peek.missing.join(", ") })}
        />
      )}
      {first && (
        <Alert
          className="gap-below"
          type="warning"
          showIcon
          title={t("sources.someRefused", { count: peek.refused.length })}
          description={`${code("reason", first.code)} · ${first.message}`}
        />
      )}
      <Table
        rowKey="column"
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={peek.columns}
        columns={[
          { key: "column", title: t("sources.column"), render: (_, one) => <span className="mono">{one.column}</span> },
          {
            key: "field",
            title: t("sources.field"),
            render: (_, one) => (
              <Select
                aria-label={`${t("sources.field")}: ${one.column}`}
                className="field-choice"
                size="small"
                allowClear
                showSearch
                placeholder={t("sources.noField")}
                value={one.field ?? undefined}
                onChange={(field: string | undefined) => onMap(field ?? null, one.column)}
                options={peek.fields.map((field) => ({ value: field, label: field }))}
              />
            ),
          },
          {
            key: "examples",
            title: t("sources.examples"),
            render: (_, one) => <span className="faint">{one.examples.join(" · ").slice(0, 120)}</span>,
          },
        ]}
      />
      {peek.sample[0] && (
        <>
          <h3>{t("sources.becomes", { rows: peek.rows.length, events: peek.events })}</h3>
          <pre className="block whole">{JSON.stringify(peek.sample[0], null, 2)}</pre>
        </>
      )}
      {peek.rows.length === 0 && <Alert type="info" showIcon title={t("sources.noRows")} />}
    </>
  );
}
