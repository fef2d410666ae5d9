/** What became of the rows, or would: four figures, the first events, the first refusals. */

import { Alert, Input, Table } from "antd";
import { Link } from "react-router";

import type { Bi, ImportOutcome } from "../../../api/types";
import { useText } from "../../../i18n";
import { number } from "../../../lib/format";

export const FIGURES = ["read", "accepted", "duplicate", "rejected"] as const;

interface Refused {
  row: number;
  code: string;
  message: string;
  text?: Bi;
}

export function Figures({ run }: { run: Pick<ImportOutcome, (typeof FIGURES)[number]> }) {
  const { t, language } = useText();
  return (
    <div className="tiles">
      {FIGURES.map((name) => (
        <div className="tile" key={name}>
          <div className="tile-label">{t(`import.${name}`)}</div>
          <div className="tile-value">{number(run[name], language)}</div>
        </div>
      ))}
    </div>
  );
}

/** The rows that were not taken: as a list here, and as a file to mend. */
export function RejectedLinks({ id, file }: { id: string; file: string | null | undefined }) {
  const { t } = useText();
  return (
    <>
      <Link to={`/rejected?import_id=${encodeURIComponent(id)}`}>{t("import.seeRejected")}</Link>
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

export function DryRun({ run }: { run: ImportOutcome }) {
  const { t, bi, language } = useText();
  const refused = (run.refused ?? []) as Refused[];
  const sample = (run.sample ?? []) as unknown[];
  return (
    <div role="status">
      <Alert
        className="gap-below"
        type={run.rejected > 0 ? "warning" : "success"}
        showIcon
        title={t("import.dryDone")}
      />
      <Figures run={run} />
      {typeof run.left_out === "number" && run.left_out > 0 && (
        <p className="faint">{t("import.leftOutLines", { n: number(run.left_out, language) })}</p>
      )}
      {refused.length > 0 && (
        <>
          <h3 className="gap-above">{t("import.firstRefused")}</h3>
          <Table<Refused>
            rowKey={(one) => `${one.row}-${one.code}`}
            size="small"
            pagination={false}
            dataSource={refused}
            columns={[
              { key: "row", title: t("import.row"), align: "right", className: "num", render: (_, one) => one.row },
              {
                key: "code",
                title: t("import.reason"),
                render: (_, one) => (one.text ? bi(one.text) : <span className="mono">{one.code}</span>),
              },
              { key: "message", title: t("import.said"), render: (_, one) => one.message },
            ]}
          />
        </>
      )}
      {sample.length > 0 && (
        <>
          <h3 className="gap-above">{t("import.firstEvents")}</h3>
          <Input.TextArea
            className="mono"
            readOnly
            aria-label={t("import.firstEvents")}
            autoSize={{ minRows: 3, maxRows: 14 }}
            value={sample.map((one) => JSON.stringify(one, null, 2)).join("\n")}
          />
        </>
      )}
    </div>
  );
}
