/** The last run: how far it is, what it took columns for, where it compared; and the next one. */

import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Progress, Select, Space } from "antd";
import { useEffect, useState } from "react";

import { type LinkRun, startLinkRun, useLinkRuns, useLinkSources } from "../../api/linkage";
import { useSourceName } from "../../api/names";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { number, share as percent } from "../../lib/format";
import { Moment } from "../../ui/Moment";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { useErrorText } from "../../ui/States";

function Told({ run }: { run: LinkRun }) {
  const { t, bi, language } = useText();
  const counts = [
    t("linkage.records", { n: number(run.records, language), count: run.records }),
    t("linkage.accepted", { n: number(run.accepted, language), count: run.accepted }),
    t("linkage.review", { n: number(run.review, language), count: run.review }),
    ...(run.impossible
      ? [t("linkage.impossible", { n: number(run.impossible, language), count: run.impossible })]
      : []),
  ];
  return (
    <>
      <p>
        {run.asked.dry_run === true && <Pill tone="lamp">{t("linkage.tried")}</Pill>} <Moment at={run.at} /> ·{" "}
        {counts.join(" · ")}
      </p>
      {run.review === 0 && run.accepted === 0 && <p className="faint">{t("linkage.nothing")}</p>}
      <Space wrap size={4}>
        {run.columns.map((column) => (
          <Pill key={column.name} title={percent(column.filled, language)}>
            {column.name} = {bi(column.label)}
          </Pill>
        ))}
      </Space>
      <details>
        <summary>{t("linkage.blocks")}</summary>
        <ul>
          {run.blocks.map((block) => (
            <li key={block.columns.join()}>
              <span className="mono">{block.columns.join(" + ")}</span>{" "}
              <span className="faint num">
                {t("linkage.pairs", { n: number(block.pairs, language), count: block.pairs })}
              </span>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

export function RunPanel() {
  const { t } = useText();
  const sourceName = useSourceName();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const mayWrite = useWorkspace().user.role !== "viewer";
  const runs = useLinkRuns();
  const sources = useLinkSources();
  const [wanted, setWanted] = useState<string[]>([]);
  const run = runs.data?.items[0];
  const running = run?.status === "running";
  useEffect(() => {
    if (run?.status === "done") void client.invalidateQueries({ queryKey: ["link-pairs"] });
  }, [client, run?.run_id, run?.status]);
  const start = async (dry: boolean) => {
    try {
      await startLinkRun(wanted, dry);
      await client.invalidateQueries({ queryKey: ["link-runs"] });
    } catch (error) {
      message.error(errorText(error));
    }
  };
  return (
    <Section
      title={t("linkage.title")}
      help={t("linkage.help")}
      extra={
        mayWrite && (
          <Space wrap>
            <Select
              mode="multiple"
              aria-label={t("linkage.sources")}
              placeholder={t("linkage.sources")}
              style={{ minWidth: 200 }}
              value={wanted}
              onChange={setWanted}
              showSearch={{ optionFilterProp: "label" }}
              options={sources.data?.items.map((id) => ({ value: id, label: sourceName(id) }))}
            />
            <Button disabled={running} onClick={() => void start(true)}>
              {t("linkage.dry")}
            </Button>
            <Button type="primary" disabled={running} onClick={() => void start(false)}>
              {t("linkage.start")}
            </Button>
          </Space>
        )
      }
    >
      {running && (
        <Progress
          percent={Math.round(run.share * 100)}
          format={() => t(`linkage.step.${run.step}`)}
          aria-label={t("linkage.title")}
        />
      )}
      {run?.status === "failed" && <Alert type="error" showIcon title={run.error} />}
      {run?.status === "done" && <Told run={run} />}
    </Section>
  );
}
