/** One source: how it is doing, what it was told, its runs, and what can be done with it. */

import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Descriptions, Input, Table, Typography } from "antd";
import { useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";

import {
  actOnSource,
  deleteSource,
  runSource,
  type Source,
  type SourceRun,
  useSource,
  useSourceRuns,
} from "../../../api/sources";
import { useText } from "../../../i18n";
import { number } from "../../../lib/format";
import { Moment } from "../../../ui/Moment";
import { Page } from "../../../ui/Page";
import { Pill, toneOf } from "../../../ui/Pill";
import { Section } from "../../../ui/Section";
import { Asked, Nothing, useErrorText } from "../../../ui/States";
import { Rules } from "./Rules";
import { Standing } from "./Standing";
import { Wizard } from "./Wizard";

const BUSY = new Set(["running", "due", "retrying"]);

function place(cursor: string | null | undefined): string {
  if (!cursor) return "–";
  try {
    const kept = JSON.parse(cursor) as { value?: unknown };
    return typeof kept.value === "string" ? kept.value : cursor;
  } catch {
    return cursor;
  }
}

function Runs({ id }: { id: string }) {
  const { t, language } = useText();
  const runs = useSourceRuns(id);
  const figure = (name: "read" | "accepted" | "duplicate" | "rejected") => ({
    key: name,
    title: t(`import.${name}`),
    align: "right" as const,
    render: (_: unknown, run: SourceRun) => number(run[name], language),
  });
  return (
    <Section title={t("sources.runs")} className="flush">
      <Asked answer={runs}>
        {(data) => (
          <Table<SourceRun>
            rowKey="run_id"
            size="small"
            dataSource={data.items}
            pagination={data.items.length > 20 ? { pageSize: 20 } : false}
            scroll={{ x: "max-content" }}
            locale={{ emptyText: <Nothing title={t("sources.noRuns")} /> }}
            columns={[
              { key: "at", title: t("customer.when"), render: (_, run) => <Moment at={run.at} /> },
              {
                key: "status",
                title: t("customer.status"),
                render: (_, run) => (
                  <>
                    <Pill tone={run.status === "done" ? "good" : toneOf(run.status)}>
                      {t(`importStatus.${run.status}`, { defaultValue: run.status })}
                    </Pill>
                    {run.error && <div className="source-error">{run.error}</div>}
                  </>
                ),
              },
              figure("read"),
              figure("accepted"),
              figure("duplicate"),
              figure("rejected"),
            ]}
          />
        )}
      </Asked>
    </Section>
  );
}

function Facts({ source }: { source: Source }) {
  const { t } = useText();
  const asked = source.way === "asked";
  const schedule = source.schedule as { every?: string; at?: string } | null;
  return (
    <Section>
      <Descriptions
        column={{ xs: 1, md: 2 }}
        items={[
          { key: "state", label: t("sources.state"), children: <Standing source={{ ...source, error: null }} /> },
          {
            key: "connector",
            label: t("sources.connector"),
            children: <span className="mono">{source.connector}</span>,
          },
          {
            key: "kind",
            label: t("import.kind"),
            children: source.rows ? t(`import.kinds.${source.rows}`, { defaultValue: source.rows }) : "–",
          },
          {
            key: "when",
            label: t("sources.step.when"),
            children:
              schedule?.every ?? schedule?.at ?? t(asked ? "sources.byHand" : `sources.way.${source.way ?? "asked"}`),
          },
          { key: "next", label: t("sources.nextRun"), children: <Moment at={source.next_at} /> },
          {
            key: "place",
            label: t("sources.place"),
            children: <span className="mono">{place(source.cursor)}</span>,
          },
          ...(source.way === "called"
            ? [
                {
                  key: "hook",
                  label: t("sources.address"),
                  children: (
                    <Typography.Text className="mono" copyable>
                      {source.hook_url}
                    </Typography.Text>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Section>
  );
}

export default function SourcePage() {
  const { id = "" } = useParams();
  const answer = useSource(id);
  return <Asked answer={answer}>{(source) => <Shown source={source} />}</Asked>;
}

function Shown({ source }: { source: Source }) {
  const { t, bi } = useText();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const go = useNavigate();
  const [editing, setEditing] = useState(false);
  const [working, setWorking] = useState(false);
  const from = useRef("");
  const busy = BUSY.has(source.state);
  const doing = async (work: () => Promise<unknown>) => {
    setWorking(true);
    try {
      await work();
      await client.invalidateQueries({ queryKey: ["sources"] });
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setWorking(false);
    }
  };
  const backfill = () => {
    from.current = "";
    modal.confirm({
      title: t("sources.backfill"),
      content: (
        <>
          <p>{t("sources.backfillHelp")}</p>
          <Input
            aria-label={t("sources.from")}
            placeholder={t("sources.from")}
            onChange={(event) => (from.current = event.target.value)}
          />
        </>
      ),
      okText: t("sources.backfill"),
      onOk: () => doing(() => runSource(source.id, from.current ? { after: from.current } : { backfill: true })),
    });
  };
  const remove = () =>
    modal.confirm({
      title: t("sources.deleteAsk", { name: bi(source.name) }),
      content: t("sources.deleteHelp"),
      okText: t("action.delete"),
      okButtonProps: { danger: true },
      onOk: () =>
        doing(async () => {
          await deleteSource(source.id);
          void go("/sources");
        }),
    });
  const asked = source.way === "asked";
  const stopped = source.state === "paused" || source.state === "stopped";
  return (
    <Page
      title={bi(source.name)}
      crumbs={[{ to: "/sources", label: t("sources.title") }]}
      action={
        <div className="row">
          {asked && !busy && (
            <Button type="primary" loading={working} onClick={() => void doing(() => runSource(source.id, {}))}>
              {t("sources.run")}
            </Button>
          )}
          {asked && !busy && <Button onClick={backfill}>{t("sources.backfill")}</Button>}
          {busy && (
            <Button onClick={() => void doing(() => actOnSource(source.id, "cancel"))}>{t("sources.cancel")}</Button>
          )}
          <Button onClick={() => void doing(() => actOnSource(source.id, stopped ? "resume" : "pause"))}>
            {t(stopped ? "sources.resume" : "sources.pause")}
          </Button>
          <Button onClick={() => setEditing(true)}>{t("sources.change")}</Button>
          <Button danger type="text" onClick={remove}>
            {t("action.delete")}
          </Button>
        </div>
      }
    >
      <div className="stack">
        {source.error && (
          <Alert type={source.state === "stopped" ? "error" : "warning"} showIcon title={source.error} />
        )}
        <Facts source={source} />
        <Runs id={source.id} />
        <Rules source={source.id} name={source.name} />
        <Section title={t("sources.document")}>
          <pre className="block whole">{JSON.stringify(source.document, null, 2)}</pre>
        </Section>
      </div>
      {editing && (
        <Wizard
          open
          of={source}
          close={() => setEditing(false)}
          saved={() => {
            setEditing(false);
            message.success(t("sources.saved"));
          }}
        />
      )}
    </Page>
  );
}
