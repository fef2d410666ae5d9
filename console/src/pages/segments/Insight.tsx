/** Below a segment: what sets its members apart, what it shares with others, how it grew, and its members as a file. */

import { DownloadOutlined } from "@ant-design/icons";
import { Button, Dropdown, Select, Table, Tabs, Tag } from "antd";
import { useState } from "react";

import { address, ApiError } from "../../api/client";
import { useSegments } from "../../api/hooks";
import { useComparison, useOverlap, useSegmentHistory, type Apart } from "../../api/models";
import { Chart } from "../../charts/Chart";
import { category, tooltip, value } from "../../charts/options";
import { useText } from "../../i18n";
import { number, share, signed } from "../../lib/format";
import { Fresh } from "../../ui/Fresh";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";

function Compared({ id }: { id: string }) {
  const { t, bi, language } = useText();
  const found = useComparison(id, true);
  const write = (one: Apart, x: number) =>
    one.unit === "flag" || one.unit === "share" ? share(x, language) : number(x, language, 2);
  if (found.error instanceof ApiError && found.error.status === 422)
    return (
      <Nothing
        title={t("insight.nothingToCompare")}
        help={found.error.field === "segment" ? t("insight.tooFew") : found.error.message}
      />
    );
  return (
    <Asked answer={found} rows={6}>
      {(data) => (
        <>
          <p className="section-help">
            {t("insight.comparedHelp", {
              members: number(data.members, language),
              others: number(data.others, language),
              tested: number(data.tested, language),
              n: number(data.significant, language),
              level: share(data.level, language, 0),
            })}
          </p>
          <Table<Apart>
            rowKey="feature"
            size="small"
            dataSource={data.features}
            scroll={{ x: "max-content" }}
            pagination={{ pageSize: 12, hideOnSinglePage: true, showSizeChanger: false }}
            columns={[
              {
                key: "label",
                title: t("models.feature"),
                render: (_, one) => (
                  <div className="apart-feature">
                    {bi(one.label)} {one.defining && <Tag>{t("insight.defining")}</Tag>}
                  </div>
                ),
              },
              {
                key: "g",
                title: t("insight.members"),
                align: "right",
                className: "num",
                render: (_, one) => write(one, one.group),
              },
              {
                key: "o",
                title: t("insight.others"),
                align: "right",
                className: "num",
                render: (_, one) => write(one, one.others),
              },
              {
                key: "d",
                title: t("insight.difference"),
                align: "right",
                className: "num",
                render: (_, one) => (
                  <>
                    {write(one, one.difference.estimate)}{" "}
                    <span className="faint">
                      {write(one, one.difference.low)} – {write(one, one.difference.high)}
                    </span>
                  </>
                ),
              },
              {
                key: "e",
                title: t("models.effect"),
                align: "right",
                className: "num",
                sorter: (a, b) => Math.abs(a.effect) - Math.abs(b.effect),
                render: (_, one) => signed(one.effect, language),
              },
              {
                key: "q",
                title: t("models.q"),
                align: "right",
                className: "num",
                render: (_, one) => (one.q < 1e-4 ? "< 0.0001" : number(one.q, language, 4)),
              },
            ]}
          />
        </>
      )}
    </Asked>
  );
}

function Shared({ id }: { id: string }) {
  const { t, bi, language } = useText();
  const segments = useSegments();
  const others = segments.data?.items.filter((one) => one.id !== id) ?? [];
  const [picked, setPicked] = useState<string[] | null>(null);
  const chosen = picked ?? others.slice(0, 4).map((one) => one.id);
  const found = useOverlap([id, ...chosen]);
  if (segments.data && others.length === 0) return <Nothing title={t("insight.alone")} help={t("insight.aloneHelp")} />;
  return (
    <>
      <Select
        mode="multiple"
        className="gap-below"
        style={{ width: "100%" }}
        aria-label={t("insight.with")}
        placeholder={t("insight.with")}
        value={chosen}
        onChange={setPicked}
        options={others.map((one) => ({ value: one.id, label: bi(one.name) || one.id }))}
      />
      {chosen.length === 0 ? (
        <Nothing title={t("insight.pick")} />
      ) : (
        <Asked answer={found} rows={4}>
          {(data) => {
            const ids = Object.keys(data.sizes);
            const pair = (a: string, b: string) =>
              data.pairs.find((one) => (one.a === a && one.b === b) || (one.a === b && one.b === a));
            return (
              <div className="scroll-x">
                <table className="plain-table overlap" aria-label={t("insight.overlap")}>
                  <thead>
                    <tr>
                      <td />
                      {ids.map((one) => (
                        <th key={one} scope="col" className="right">
                          {bi(data.segments[one] ?? { en: one, zh: one })}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {ids.map((row) => (
                      <tr key={row}>
                        <th scope="row">{bi(data.segments[row] ?? { en: row, zh: row })}</th>
                        {ids.map((column) => {
                          const one = pair(row, column);
                          const weight = row === column ? 0 : Math.round(45 * (one?.jaccard ?? 0));
                          return (
                            <td
                              key={column}
                              className="right num"
                              style={{ background: `color-mix(in oklab, #2b8a86 ${weight}%, #ffffff)` }}
                            >
                              {number(one?.both, language)}
                              {row !== column && <div className="overlap-share">{share(one?.jaccard, language)}</div>}
                            </td>
                          );
                        })}
                      </tr>
                    ))}
                  </tbody>
                </table>
                <p className="section-help">{t("insight.overlapHelp", { anyone: number(data.anyone, language) })}</p>
              </div>
            );
          }}
        </Asked>
      )}
    </>
  );
}

function Grown({ id }: { id: string }) {
  const { t, language } = useText();
  const found = useSegmentHistory(id, 90);
  return (
    <Asked answer={found} rows={6}>
      {(data) => (
        <>
          <Chart
            description={t("insight.historyWords", { days: data.days.length })}
            lead={<Fresh asOf={data.as_of} />}
            option={{
              tooltip,
              legend: { top: 0, left: 0 },
              xAxis: category(data.days.map((one) => one.day)),
              yAxis: [value(t("segment.people")), value(t("insight.perDay"), true)],
              series: [
                { name: t("insight.size"), type: "line", symbol: "none", data: data.days.map((one) => one.size) },
                { name: t("insight.entered"), type: "bar", yAxisIndex: 1, data: data.days.map((one) => one.entered) },
                { name: t("insight.left"), type: "bar", yAxisIndex: 1, data: data.days.map((one) => one.left) },
              ],
            }}
            table={{
              columns: [t("insight.day"), t("insight.size"), t("insight.entered"), t("insight.left")],
              rows: [...data.days]
                .reverse()
                .map((one) => [
                  one.day,
                  number(one.size, language),
                  number(one.entered, language),
                  number(one.left, language),
                ]),
            }}
          />
          {data.joined > 0 && (
            <p className="section-help">{t("insight.joined", { n: number(data.joined, language) })}</p>
          )}
        </>
      )}
    </Asked>
  );
}

export function Insight({ id }: { id: string }) {
  const { t } = useText();
  const file = (format: string) => address(`/segments/${encodeURIComponent(id)}/export`, { format });
  return (
    <div className="page page-more">
      <Section
        title={t("insight.title")}
        extra={
          <Dropdown
            trigger={["click"]}
            menu={{
              items: ["csv", "jsonl", "parquet"].map((format) => ({
                key: format,
                label: (
                  <a href={file(format)} download>
                    {t(`insight.format.${format}`)}
                  </a>
                ),
              })),
            }}
          >
            <Button icon={<DownloadOutlined aria-hidden />}>{t("insight.export")}</Button>
          </Dropdown>
        }
      >
        <Tabs
          items={[
            { key: "compare", label: t("insight.compare"), children: <Compared id={id} /> },
            { key: "overlap", label: t("insight.overlap"), children: <Shared id={id} /> },
            { key: "history", label: t("insight.history"), children: <Grown id={id} /> },
          ]}
        />
      </Section>
    </div>
  );
}
