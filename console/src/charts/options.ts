/** What the pictures share: quiet axes, hairline grid, one tooltip. */

import { colour } from "../app/theme";

export const category = (days: string[]) => ({
  type: "category" as const,
  data: days,
  boundaryGap: true,
  axisTick: { show: false },
  axisLine: { lineStyle: { color: colour.line } },
  axisLabel: { color: colour.faint, hideOverlap: true },
});

export const value = (name: string, right = false) => ({
  type: "value" as const,
  name,
  nameTextStyle: { color: colour.faint, align: right ? ("right" as const) : ("left" as const) },
  nameGap: 12,
  position: right ? ("right" as const) : ("left" as const),
  splitLine: { show: !right, lineStyle: { color: "#edf0ed" } },
  axisLabel: { color: colour.faint },
  splitNumber: 4,
});

export const tooltip = {
  trigger: "axis" as const,
  backgroundColor: "#ffffff",
  borderColor: colour.line,
  borderRadius: 10,
  padding: [10, 14],
  textStyle: { color: colour.ink, fontSize: 13 },
  extraCssText: "box-shadow: 0 6px 24px rgb(24 39 46 / 10%)",
};

export const legend = {
  top: 0,
  left: 0,
  itemWidth: 12,
  itemHeight: 8,
  itemGap: 18,
  icon: "roundRect",
  textStyle: { color: colour.soft },
};
