/** How good is what each source sends: its score day by day, what it is made of, what was found, what waits. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Segmented, Table, Tooltip } from "antd";
import { useMemo, useState } from "react";
import { Link } from "react-router";

import { judgeQuality, type Quality, type QualityDay, type SourceQuality, useQuality } from "../../api/quality";
import { useWorkspace } from "../../app/workspace";
import { Chart } from "../../charts/Chart";
import { category, legend, tooltip, value } from "../../charts/options";
import { useText } from "../../i18n";
import { calendarDay, NOTHING, number, share } from "../../lib/format";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing, useErrorText } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";

const PARTS = ["completeness", "validity", "uniqueness", "timeliness"] as const;
const DAYS = ["7", "30", "90"];
const LINES = 8;

const tone = (score: number) => (score >= 0.95 ? "good" : score >= 0.8 ? "lamp" : "bad");

function History({ data }: { data: Quality }) {
  const { t, bi, language } = useText();
  const days = useMemo(() => [...new Set(data.days.map((one) => one.day))].sort(), [data]);
  const sources = data.items.slice(0, LINES);
  const at = useMemo(() => new Map(data.days.map((one) => [`${one.source} ${one.day}`, one.score])), [data]);
  const option = useMemo(
    () => ({
      tooltip: {
        ...tooltip,
        valueFormatter: (score: unknown) => share(typeof score === "number" ? score : null, language),
      },
      legend,
      xAxis: { ...category(days.map((one) => calendarDay(one, language))), boundaryGap: false },
      yAxis: {
        ...value(""),
        min: 0,
        max: 1,
        interval: 0.25,
        axisLabel: { formatter: (score: number) => share(score, language, 0) },
      },
      series: sources.map((source) => ({
        type: "line" as const,
        name: bi(source.name),
        data: days.map((one) => at.get(`${source.source} ${one}`) ?? null),
        showSymbol: days.length < 15,
        connectNulls: false,
      })),
    }),
    [at, bi, days, language, sources],
  );
  return (
    <Chart
      option={option}
      height={260}
      description={t("quality.chart", { sources: sources.length, count: days.length })}
      table={{
        columns: [t("metric.day"), ...sources.map((source) => bi(source.name))],
        rows: days.map((one) => [
          one,
          ...sources.map((source) => share(at.get(`${source.source} ${one}`) ?? null, language)),
        ]),
      }}
    />
  );
}

function Facts({ day }: { day: QualityDay }) {
  const { t, bi, language } = useText();
  return (
    <>
      {day.findings.map((finding) => {
        const facts = finding.facts as Record<string, string | number | null>;
        const n = (name: string) => number(Number(facts[name]), language, 1);
        const said =
          finding.code === "rule_volume"
            ? t("quality.volume", { count: Number(facts.count), median: n("median"), n: n("n"), z: n("z") })
            : t("quality.freshness", { within: String(facts.within), last: String(facts.last_at ?? NOTHING) });
        return (
          <li key={`${finding.code} ${finding.event} ${finding.by}`}>
            <Pill tone="bad">{day.day}</Pill> <strong>{bi(day.name)}</strong> {finding.event} · {bi(finding.text)}
            <div className="faint">
              {said} · <span className="mono">{finding.by}</span>
            </div>
          </li>
        );
      })}
    </>
  );
}

function Sources({ data }: { data: Quality }) {
  const { t, bi, language } = useText();
  return (
    <Table<SourceQuality>
      rowKey="source"
      dataSource={data.items}
      pagination={false}
      scroll={{ x: "max-content" }}
      locale={{ emptyText: <Nothing title={t("quality.none")} help={t("quality.noneHelp")} /> }}
      columns={[
        {
          key: "name",
          title: t("customer.source"),
          render: (_, row) => (
            <>
              {bi(row.name)}
              {bi(row.name) !== row.source && <div className="faint mono">{row.source}</div>}
            </>
          ),
        },
        {
          key: "score",
          title: t("quality.score"),
          render: (_, row) =>
            row.latest.score === null ? (
              NOTHING
            ) : (
              <>
                <Pill tone={tone(row.latest.score)}>{share(row.latest.score, language)}</Pill>
                <div className="faint">{calendarDay(row.latest.day, language)}</div>
              </>
            ),
        },
        ...PARTS.map((name) => ({
          key: name,
          title: <Tooltip title={t(`quality.help.${name}`)}>{t(`quality.part.${name}`)}</Tooltip>,
          align: "right" as const,
          className: "num",
          render: (_: unknown, row: SourceQuality) => {
            const part = row.latest.parts[name];
            return part ? (
              <>
                {share(part.share, language)}
                <div className="faint">n = {number(part.n, language)}</div>
              </>
            ) : (
              <Tooltip title={t("quality.absent")}>{NOTHING}</Tooltip>
            );
          },
        })),
        {
          key: "received",
          title: t("quality.received"),
          align: "right",
          className: "num",
          render: (_, row) => number(row.latest.received, language),
        },
        {
          key: "open",
          title: t("quality.open"),
          align: "right",
          className: "num",
          render: (_, row) =>
            row.open > 0 ? (
              <Link to={`/rejected?source=${encodeURIComponent(row.source)}`}>{number(row.open, language)}</Link>
            ) : (
              number(0, language)
            ),
        },
      ]}
    />
  );
}

export default function QualityPage() {
  const { t } = useText();
  const { user, workspace } = useWorkspace();
  const { get, set } = useAddress();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const days = get("days") ?? "30";
  const quality = useQuality(Number(days));
  const judge = async () => {
    setBusy(true);
    try {
      await judgeQuality(Math.min(30, Number(days)));
      await client.invalidateQueries({ queryKey: ["quality"] });
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Page
      title={t("quality.title")}
      lead={t("quality.lead", { zone: workspace.zone })}
      action={
        <div className="row">
          <Segmented
            aria-label={t("trend.days")}
            value={days}
            onChange={(next) => set({ days: next })}
            options={DAYS.map((count) => ({ value: count, label: t("trend.lastDays", { n: count }) }))}
          />
          {user.role !== "viewer" && (
            <Button type="primary" loading={busy} onClick={() => void judge()}>
              {t("quality.judge")}
            </Button>
          )}
        </div>
      }
    >
      <Asked answer={quality} rows={8}>
        {(data) => {
          const found = data.days.filter((one) => one.findings.length > 0).reverse();
          return (
            <div className="stack">
              <Section className="flush">
                <Sources data={data} />
              </Section>
              {data.days.length > 0 && (
                <Section title={t("quality.history")} help={t("quality.formula")}>
                  <History data={data} />
                </Section>
              )}
              <Section title={t("quality.findings")} help={t("quality.findingsHelp")}>
                {found.length === 0 ? (
                  <Nothing title={t("quality.noFindings")} />
                ) : (
                  <ul className="plain-list">
                    {found.map((one) => (
                      <Facts key={`${one.source} ${one.day}`} day={one} />
                    ))}
                  </ul>
                )}
              </Section>
            </div>
          );
        }}
      </Asked>
    </Page>
  );
}
