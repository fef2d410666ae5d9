/** One import under way: how far, how fast, how long still; stopped, gone on with, and what became of it. */

import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Progress } from "antd";
import { useEffect } from "react";

import { api } from "../../../api/client";
import { UNDER_WAY, useImport } from "../../../api/hooks";
import type { ImportRun } from "../../../api/types";
import { useText } from "../../../i18n";
import { number } from "../../../lib/format";
import { Asked } from "../../../ui/States";
import { Figures, RejectedLinks } from "./Outcome";

/** "12,000 of 541,909 rows · 80,000 rows/s · 7 s left" */
export function usePaceText() {
  const { t, language } = useText();
  return (run: ImportRun): string => {
    if (run.status === "waiting") return t("import.waits");
    if (run.total === null || run.total === undefined) return t("import.reading");
    const parts = [t("import.doneOf", { done: number(run.done, language), total: number(run.total, language) })];
    if (run.rate) parts.push(t("import.rate", { rate: number(run.rate, language) }));
    if (run.left_s !== null && run.left_s !== undefined)
      parts.push(t("import.left", { seconds: number(Math.ceil(run.left_s), language) }));
    return parts.join(" · ");
  };
}

export function percent(run: ImportRun): number {
  return run.total ? Math.floor((100 * run.done) / run.total) : 0;
}

export function useSteer() {
  const client = useQueryClient();
  return async (run: ImportRun, action: "resume" | "cancel") => {
    await api.post(`/imports/${run.import_id}/${action}`);
    await client.invalidateQueries({ queryKey: ["imports"] });
    await client.invalidateQueries({ queryKey: ["import", run.import_id] });
  };
}

function Ended({ run }: { run: ImportRun }) {
  const { t } = useText();
  const type = run.status === "done" ? (run.rejected > 0 ? "warning" : "success") : "error";
  return (
    <>
      <Alert
        className="gap-below"
        type={type}
        showIcon
        title={run.status === "done" ? t("import.done") : t(`importStatus.${run.status}`)}
        description={
          <>
            {run.error}
            {run.rejected > 0 && <RejectedLinks id={run.import_id} file={run.rejected_file} />}
          </>
        }
      />
      <Figures run={run} />
    </>
  );
}

export function Running({ id, onAnother }: { id: string; onAnother: () => void }) {
  const { t } = useText();
  const client = useQueryClient();
  const answer = useImport(id);
  const paceText = usePaceText();
  const steer = useSteer();
  const over = answer.data && !UNDER_WAY.includes(answer.data.status);
  useEffect(() => {
    if (over) void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "import" });
  }, [over, client]);
  return (
    <Asked answer={answer} rows={3}>
      {(run) => (
        <div role="status" aria-live="polite">
          {UNDER_WAY.includes(run.status) ? (
            <>
              <Progress percent={percent(run)} status="active" aria-label={t("import.progress")} />
              <p className="num">{paceText(run)}</p>
              <Button onClick={() => void steer(run, "cancel")}>{t("import.cancel")}</Button>
            </>
          ) : (
            <>
              <Ended run={run} />
              <div className="row gap-above">
                {run.can_resume && (
                  <Button type="primary" onClick={() => void steer(run, "resume")}>
                    {t("import.resume")}
                  </Button>
                )}
                <Button onClick={onAnother}>{t("import.another")}</Button>
              </div>
            </>
          )}
        </div>
      )}
    </Asked>
  );
}
