/** One hook around ECharts: only the parts used, described for a screen reader, with its table one click away. */

import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use as register, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { Segmented } from "antd";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { colour, fontFamily, series } from "../app/theme";
import { useText } from "../i18n";
import { useReducedMotion } from "../ui/useReducedMotion";

register([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

export interface Table {
  columns: string[];
  rows: (string | number)[][];
}

interface Props {
  option: EChartsCoreOption;
  /** What the picture shows, in a sentence, for those who do not see it. */
  description: string;
  table: Table;
  height?: number;
  /** Stands at the left of the chart-or-table switch. */
  lead?: ReactNode;
  /** Told what was clicked in the picture. */
  onPick?: (picked: { data: unknown }) => void;
}

const BASE: EChartsCoreOption = {
  color: [...series],
  textStyle: { fontFamily, color: colour.soft },
  grid: { left: 8, right: 12, top: 58, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
};

export function Chart({ option, description, table, height = 300, lead, onPick }: Props) {
  const { t } = useText();
  const [view, setView] = useState<"chart" | "table">("chart");
  return (
    <div>
      <div className="chart-bar">
        <div>{lead}</div>
        <Segmented
          size="small"
          aria-label={t("chart.view")}
          value={view}
          onChange={setView}
          options={[
            { value: "chart", label: t("chart.chart") },
            { value: "table", label: t("chart.table") },
          ]}
        />
      </div>
      {view === "chart" ? (
        <Picture option={option} description={description} height={height} onPick={onPick} />
      ) : (
        <AsTable {...table} />
      )}
    </div>
  );
}

function Picture({
  option,
  description,
  height,
  onPick,
}: Pick<Props, "option" | "description" | "onPick"> & { height: number }) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const still = useReducedMotion();
  useEffect(() => {
    if (!box.current) return;
    const made = init(box.current, null, { renderer: "svg" });
    chart.current = made;
    const watcher = new ResizeObserver(() => made.resize());
    watcher.observe(box.current);
    return () => {
      watcher.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    const shown = chart.current;
    if (!shown || !onPick) return;
    const told = (picked: { data: unknown }) => onPick(picked);
    shown.on("click", told as (picked: unknown) => void);
    return () => {
      if (!shown.isDisposed()) shown.off("click", told);
    };
  }, [onPick]);
  useEffect(() => {
    const aria = { enabled: true, label: { enabled: true, description } };
    chart.current?.setOption({ ...BASE, ...option, animation: !still, aria }, { notMerge: true });
  }, [option, description, still]);
  return <div ref={box} role="img" aria-label={description} className="chart" style={{ height }} />;
}

function AsTable({ columns, rows }: Table) {
  return (
    // A box that scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="chart-table" tabIndex={0}>
      <table className="plain-table">
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={column} scope="col" className={index ? "right" : undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, position) => (
            <tr key={position}>
              {row.map((cell, index) => (
                <td key={index} className={index ? "right" : undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
