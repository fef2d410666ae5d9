/** Which column is which field: what was guessed, why, and how to say otherwise. */

import { Alert, Form, Select, Table, Tag } from "antd";

import type { ColumnLook, ImportLook } from "../../../api/types";
import { useText } from "../../../i18n";
import { share } from "../../../lib/format";
import { fromSaved, lacking, proposed, withField, type Chosen, type Kind } from "./mapping";

interface Props {
  look: ImportLook;
  kind: Kind;
  chosen: Chosen;
  onKind: (kind: string) => void;
  onSheet: (sheet: string) => void;
  onChosen: (chosen: Chosen) => void;
  sheet: string;
}

export function Columns({ look, kind, chosen, onKind, onSheet, onChosen, sheet }: Props) {
  const { t, bi, language } = useText();
  const missing = lacking(chosen, kind);
  return (
    <Form layout="vertical" component="div">
      <div className="import-asks">
        <Form.Item label={t("import.kind")} htmlFor="import-kind">
          <Select
            id="import-kind"
            value={kind.kind}
            onChange={onKind}
            popupMatchSelectWidth={false}
            options={look.kinds.map((one) => ({
              value: one.kind,
              label: `${t(`import.kinds.${one.kind}`, { defaultValue: one.kind })} – ${bi(one.text)}`,
            }))}
          />
        </Form.Item>
        {look.sheets.length > 1 && (
          <Form.Item label={t("import.sheet")} htmlFor="import-sheet">
            <Select
              id="import-sheet"
              value={sheet || look.sheets[0]}
              onChange={onSheet}
              options={look.sheets.map((name) => ({ value: name, label: name }))}
            />
          </Form.Item>
        )}
        {look.mappings.length > 0 && (
          <Form.Item label={t("import.saved")} htmlFor="import-saved">
            <Select
              id="import-saved"
              placeholder={t("import.savedNone")}
              allowClear
              onChange={(id?: string) => {
                const found = look.mappings.find((one) => one.id === id);
                onChosen(found ? fromSaved(found.map, proposed(look)) : proposed(look));
              }}
              options={look.mappings.map((one) => ({ value: one.id, label: bi(one.name) }))}
            />
          </Form.Item>
        )}
      </div>
      {missing.length > 0 && (
        <Alert
          className="gap-below"
          type="warning"
          showIcon
          role="alert"
          title={t("import.lacking", { fields: missing.map((group) => group.join(" / ")).join(", ") })}
        />
      )}
      <Table<ColumnLook>
        rowKey="column"
        size="small"
        pagination={false}
        scroll={{ x: "max-content", y: look.columns.length > 14 ? 520 : undefined }}
        dataSource={look.columns}
        columns={[
          { key: "column", title: t("import.column"), render: (_, c) => <strong>{c.column}</strong> },
          {
            key: "examples",
            title: t("import.values"),
            render: (_, c) => <span className="mono import-values">{c.examples.join(" · ") || "–"}</span>,
          },
          {
            key: "field",
            title: t("import.field"),
            render: (_, c) => (
              <Select
                aria-label={t("import.fieldOf", { column: c.column })}
                className="import-field"
                showSearch
                allowClear
                placeholder={t(kind.free ? "import.asItIs" : "import.leftOut")}
                value={chosen[c.column]}
                onChange={(field?: string) => onChosen(withField(chosen, c.column, field ?? null))}
                options={kind.fields.map((field) => ({ value: field, label: field }))}
              />
            ),
          },
          {
            key: "why",
            title: t("import.why"),
            render: (_, c) =>
              c.field && c.reason && chosen[c.column] === c.field ? (
                <span>
                  <Tag>{share(c.confidence, language, 0)}</Tag>
                  {bi(c.reason.text)}
                </span>
              ) : c.field && c.reason && !chosen[c.column] ? (
                <span className="faint">
                  {t("import.perhaps", { field: c.field })} {bi(c.reason.text)}
                </span>
              ) : null,
          },
        ]}
      />
    </Form>
  );
}
