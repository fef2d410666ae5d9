/** Bring history in: a file, what its rows are, which column is which; try first, then import. */

import { InboxOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Select, Table, Upload } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { api } from "../../api/client";
import { useImports } from "../../api/hooks";
import type { ImportOutcome, ImportRun } from "../../api/types";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { Moment } from "../../ui/Moment";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing, useErrorText } from "../../ui/States";

const KINDS = ["orders", "customers", "products", "events"];
const FIGURES = ["read", "accepted", "duplicate", "rejected"] as const;

/** "order_id=Order No, revenue=Amount", one pair a line or between commas. */
export function readMap(text: string): Record<string, string> {
  const pairs = text
    .split(/[\n,]/)
    .map((line) => line.split("=").map((part) => part.trim()))
    .filter((pair): pair is [string, string] => pair.length === 2 && Boolean(pair[0] && pair[1]));
  return Object.fromEntries(pairs);
}

/** The rows that were not taken: as a list here, and as a file to mend. */
function RejectedLinks({ file }: { file: string | null | undefined }) {
  const { t } = useText();
  return (
    <>
      <Link to="/rejected">{t("import.seeRejected")}</Link>
      {file?.startsWith("/api/") && (
        <>
          {" · "}
          <a href={file} download>
            {t("import.download")}
          </a>
        </>
      )}
    </>
  );
}

function Outcome({ run, dry }: { run: ImportOutcome; dry: boolean }) {
  const { t, language } = useText();
  return (
    <div role="status">
      <Alert
        className="gap-below"
        type={run.rejected > 0 ? "warning" : "success"}
        showIcon
        title={t(dry ? "import.dryDone" : "import.done")}
        description={run.rejected > 0 && <RejectedLinks file={run.rejected_file} />}
      />
      <div className="tiles">
        {FIGURES.map((name) => (
          <div className="tile" key={name}>
            <div className="tile-label">{t(`import.${name}`)}</div>
            <div className="tile-value">{number(run[name], language)}</div>
          </div>
        ))}
      </div>
    </div>
  );
}

function NewImport() {
  const { t } = useText();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [kind, setKind] = useState("orders");
  const [map, setMap] = useState("");
  const [busy, setBusy] = useState<"dry" | "real" | null>(null);
  const [outcome, setOutcome] = useState<{ run: ImportOutcome; dry: boolean } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const send = async (dry: boolean) => {
    if (!file) return;
    setBusy(dry ? "dry" : "real");
    setError(null);
    setOutcome(null);
    const form = new FormData();
    form.append("file", file);
    form.append("kind", kind);
    form.append("map", JSON.stringify(readMap(map)));
    form.append("dry_run", String(dry));
    try {
      setOutcome({ run: await api.post<ImportOutcome>("/imports", form), dry });
      if (!dry) await client.invalidateQueries();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(null);
    }
  };
  return (
    <div className="halves">
      <Section title={t("import.new")}>
        <Form layout="vertical">
          <Form.Item>
            <Upload.Dragger
              accept=".csv,.tsv,.parquet,.json,.jsonl,.ndjson,.xlsx"
              maxCount={1}
              beforeUpload={(chosen) => {
                setFile(chosen);
                setOutcome(null);
                return false;
              }}
              onRemove={() => setFile(null)}
            >
              <p aria-hidden style={{ fontSize: 30, color: "#0e5a5e", margin: 0 }}>
                <InboxOutlined aria-hidden />
              </p>
              <p style={{ margin: 0 }}>{t("import.drop")}</p>
              <p className="faint" style={{ margin: 0 }}>
                {t("import.dropHelp")}
              </p>
            </Upload.Dragger>
          </Form.Item>
          <Form.Item label={t("import.kind")} htmlFor="import-kind">
            <Select
              id="import-kind"
              value={kind}
              onChange={setKind}
              options={KINDS.map((one) => ({ value: one, label: t(`import.kinds.${one}`) }))}
            />
          </Form.Item>
          <Form.Item label={t("import.map")} htmlFor="import-map" extra={t("import.mapHelp")}>
            <Input.TextArea
              id="import-map"
              className="mono"
              autoSize={{ minRows: 2, maxRows: 8 }}
              placeholder="order_id=basket_id"
              value={map}
              onChange={(event) => setMap(event.target.value)}
            />
          </Form.Item>
          <div className="row">
            <Button disabled={!file || busy !== null} loading={busy === "dry"} onClick={() => void send(true)}>
              {t("import.dry")}
            </Button>
            <Button
              type="primary"
              disabled={!file || busy !== null}
              loading={busy === "real"}
              onClick={() => void send(false)}
            >
              {t("import.go")}
            </Button>
          </div>
        </Form>
      </Section>
      <Section title={t("import.result")}>
        {error !== null && <Alert type="error" showIcon role="alert" title={errorText(error)} />}
        {outcome ? (
          <Outcome {...outcome} />
        ) : (
          error === null && <Nothing title={t("import.noResult")} help={t("import.noResultHelp")} />
        )}
      </Section>
    </div>
  );
}

export default function Imports() {
  const { t, language } = useText();
  const imports = useImports();
  return (
    <Page title={t("import.title")} lead={t("import.lead")}>
      <div className="stack">
        <NewImport />
        <Section title={t("import.past")}>
          <Asked answer={imports} rows={4}>
            {(data) => (
              <Table<ImportRun>
                rowKey="import_id"
                size="small"
                dataSource={data.items}
                pagination={data.items.length > 20 ? { pageSize: 20 } : false}
                scroll={{ x: "max-content" }}
                locale={{ emptyText: <Nothing title={t("import.none")} help={t("import.noneHelp")} /> }}
                columns={[
                  { key: "at", title: t("customer.when"), render: (_, run) => <Moment at={run.at} /> },
                  { key: "file", title: t("import.file"), render: (_, run) => run.file },
                  {
                    key: "kind",
                    title: t("import.kind"),
                    render: (_, run) => t(`import.kinds.${run.kind}`, { defaultValue: run.kind }),
                  },
                  {
                    key: "status",
                    title: t("customer.status"),
                    render: (_, run) => (
                      <>
                        <Pill tone={run.status === "failed" ? "bad" : run.status === "done" ? "good" : "slate"}>
                          {t(`importStatus.${run.status}`)}
                        </Pill>
                        {run.error && <div className="why-not">{run.error}</div>}
                      </>
                    ),
                  },
                  ...FIGURES.map((name) => ({
                    key: name,
                    title: t(`import.${name}`),
                    align: "right" as const,
                    className: "num",
                    render: (_: unknown, run: ImportRun) => number(run[name], language),
                  })),
                ]}
              />
            )}
          </Asked>
        </Section>
      </div>
    </Page>
  );
}
