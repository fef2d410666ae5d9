/** The files that were read: what became of them, how those under way go, and those that can be gone on with. */

import { Button, Table } from "antd";

import { UNDER_WAY, useImports } from "../../../api/hooks";
import type { ImportRun } from "../../../api/types";
import { useText } from "../../../i18n";
import { number } from "../../../lib/format";
import { Moment } from "../../../ui/Moment";
import { Pill } from "../../../ui/Pill";
import { Asked, Nothing } from "../../../ui/States";
import { FIGURES } from "./Outcome";
import { percent, usePaceText, useSteer } from "./Running";

const TONES: Record<string, "good" | "bad" | "slate"> = { done: "good", failed: "bad", interrupted: "bad" };

function Status({ run }: { run: ImportRun }) {
  const { t } = useText();
  const paceText = usePaceText();
  const under = UNDER_WAY.includes(run.status);
  return (
    <>
      <Pill tone={TONES[run.status] ?? "slate"}>
        {t(`importStatus.${run.status}`)}
        {under && run.total ? ` ${percent(run)} %` : ""}
      </Pill>
      {under && <div className="faint num">{paceText(run)}</div>}
      {run.error && <div className="why-not">{run.error}</div>}
    </>
  );
}

function Steer({ run }: { run: ImportRun }) {
  const { t } = useText();
  const steer = useSteer();
  if (run.status === "done" || run.status === "cancelled") {
    return run.rejected_file ? (
      <a href={run.rejected_file} download>
        {t("import.rejectedFile")}
      </a>
    ) : null;
  }
  return (
    <div className="row">
      {run.can_resume && (
        <Button size="small" onClick={() => void steer(run, "resume")}>
          {t("import.resume")}
        </Button>
      )}
      {(run.can_resume || UNDER_WAY.includes(run.status)) && (
        <Button size="small" onClick={() => void steer(run, "cancel")}>
          {t("import.cancel")}
        </Button>
      )}
    </div>
  );
}

export function Past() {
  const { t, language } = useText();
  const imports = useImports();
  return (
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
            { key: "status", title: t("customer.status"), render: (_, run) => <Status run={run} /> },
            ...FIGURES.map((name) => ({
              key: name,
              title: t(`import.${name}`),
              align: "right" as const,
              className: "num",
              render: (_: unknown, run: ImportRun) => number(run[name], language),
            })),
            { key: "steer", title: "", render: (_, run) => <Steer run={run} /> },
          ]}
        />
      )}
    </Asked>
  );
}
