/** Recency against frequency, and the named groups they make. */

import { Table } from "antd";

import { useRfm } from "../../api/hooks";
import type { Rfm } from "../../api/types";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { money, number, share } from "../../lib/format";
import { Fresh } from "../../ui/Fresh";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";

const SCORES = [1, 2, 3, 4, 5];

function Grid({ grid }: { grid: Rfm["grid"] }) {
  const { t, language } = useText();
  const count = new Map(grid.map((cell) => [`${cell.r}-${cell.f}`, cell.people]));
  const most = Math.max(...grid.map((cell) => cell.people), 1);
  return (
    <div className="rfm" role="table" aria-label={t("rfm.grid")}>
      {[...SCORES].reverse().map((r) => (
        <div role="row" key={r} style={{ display: "contents" }}>
          <div className="rfm-axis" role="rowheader">
            R{r}
          </div>
          {SCORES.map((f) => {
            const people = count.get(`${r}-${f}`) ?? 0;
            const weight = Math.sqrt(people / most);
            return (
              <div
                key={f}
                role="cell"
                className="rfm-cell"
                title={t("rfm.cell", { r, f, people: number(people, language) })}
                style={{
                  background: `color-mix(in oklab, #2b8a86 ${Math.round(5 + 50 * weight)}%, #f7f9f7)`,
                }}
              >
                {number(people, language)}
              </div>
            );
          })}
        </div>
      ))}
      <div role="row" style={{ display: "contents" }}>
        <div role="cell" className="rfm-axis" />
        {SCORES.map((f) => (
          <div role="columnheader" className="rfm-axis" key={f}>
            F{f}
          </div>
        ))}
      </div>
    </div>
  );
}

export default function RfmPage() {
  const { t, bi, language, code } = useText();
  const { currency } = useWorkspace().workspace;
  const rfm = useRfm();
  return (
    <Page title={t("rfm.title")} lead={t("rfm.lead")} tags={<Fresh asOf={rfm.data?.as_of} />}>
      <Asked answer={rfm} rows={10}>
        {(data) => {
          const people = data.cells.reduce((sum, cell) => sum + cell.people, 0);
          if (people === 0) return <Nothing title={t("rfm.none")} help={t("rfm.noneHelp")} />;
          return (
            <div className="halves">
              <Section title={t("rfm.grid")} help={t("rfm.gridHelp")}>
                <Grid grid={data.grid} />
              </Section>
              <Section title={t("rfm.groups")} help={t("rfm.groupsHelp", { people: number(people, language) })}>
                <Table
                  rowKey="name"
                  size="small"
                  pagination={false}
                  dataSource={[...data.cells].sort((a, b) => b.revenue - a.revenue)}
                  scroll={{ x: "max-content" }}
                  columns={[
                    {
                      key: "name",
                      title: t("rfm.group"),
                      render: (_, cell) => bi(cell.label) || code("rfm", cell.name),
                    },
                    {
                      key: "people",
                      title: t("segment.people"),
                      align: "right",
                      className: "num",
                      render: (_, cell) => number(cell.people, language),
                    },
                    {
                      key: "share",
                      title: t("rfm.share"),
                      align: "right",
                      className: "num",
                      render: (_, cell) => share(cell.people / people, language),
                    },
                    {
                      key: "revenue",
                      title: t("metric.revenue"),
                      align: "right",
                      className: "num",
                      render: (_, cell) => money(cell.revenue, currency, language, 0),
                    },
                  ]}
                />
              </Section>
            </div>
          );
        }}
      </Asked>
    </Page>
  );
}
