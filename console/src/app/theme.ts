/** The look: ink on warm paper, one deep sea green, one lamp amber. Colours that carry text keep contrast >= 4.5. */

import type { ThemeConfig } from "antd";

export const colour = {
  ink: "#18272e",
  soft: "#4d5f68",
  faint: "#62727a",
  line: "#e2e6e2",
  paper: "#f5f6f3",
  card: "#ffffff",
  sea: "#0e5a5e",
  seaWash: "#e6f0ee",
  lamp: "#e0a13c",
  lampInk: "#8a5300",
  lampWash: "#fbf3e2",
  slate: "#46689b",
  plum: "#86597f",
  moss: "#5d7f45",
  bad: "#b0352d",
  badWash: "#fbecea",
  good: "#2a7250",
} as const;

export const series = [colour.sea, colour.lamp, colour.slate, colour.plum, colour.moss, colour.bad] as const;

export const fontFamily =
  '-apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI", Inter, Roboto, "Helvetica Neue", "Liberation Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif';

export const monoFamily =
  'ui-monospace, "SF Mono", SFMono-Regular, "Cascadia Code", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace';

export const theme: ThemeConfig = {
  cssVar: { key: "homing" },
  hashed: false,
  token: {
    colorPrimary: colour.sea,
    colorLink: colour.sea,
    colorLinkHover: "#127a7f",
    colorInfo: colour.slate,
    colorSuccess: colour.good,
    colorWarning: "#a86a0c",
    colorError: colour.bad,
    colorTextBase: colour.ink,
    colorText: colour.ink,
    colorTextSecondary: colour.soft,
    colorTextTertiary: colour.faint,
    colorTextDescription: colour.soft,
    colorTextPlaceholder: "#5c6b73",
    colorTextQuaternary: colour.faint,
    colorInfoBg: "#eff3f9",
    colorInfoBorder: "#d3deec",
    colorSuccessBg: "#ebf5ef",
    colorSuccessBorder: "#cde4d7",
    colorWarningBg: colour.lampWash,
    colorWarningBorder: "#f0dfb8",
    colorErrorBg: colour.badWash,
    colorErrorBorder: "#f0cfcb",
    colorBorder: "#c9d1ce",
    colorBorderSecondary: colour.line,
    colorBgLayout: colour.paper,
    colorFillAlter: "#f8f9f7",
    borderRadius: 8,
    borderRadiusLG: 12,
    borderRadiusSM: 6,
    controlHeight: 36,
    fontSize: 14,
    lineHeight: 1.6,
    fontFamily,
    fontFamilyCode: monoFamily,
    boxShadowTertiary: "none",
    wireframe: false,
  },
  components: {
    Layout: { siderBg: colour.paper, headerBg: colour.paper, bodyBg: colour.paper },
    Menu: {
      itemBg: "transparent",
      subMenuItemBg: "transparent",
      itemSelectedBg: "#ffffff",
      itemSelectedColor: colour.sea,
      itemHoverBg: "#ebeeea",
      itemColor: colour.soft,
      itemHeight: 38,
      itemBorderRadius: 8,
      itemMarginInline: 12,
      groupTitleColor: colour.faint,
      groupTitleFontSize: 12,
      activeBarBorderWidth: 0,
    },
    Card: { headerFontSize: 15, headerHeight: 52, bodyPadding: 20 },
    Table: {
      headerBg: "#ffffff",
      headerColor: colour.soft,
      headerSplitColor: "transparent",
      rowHoverBg: "#f7f9f7",
      rowSelectedBg: "#f2f8f6",
      rowSelectedHoverBg: "#eef5f3",
      cellPaddingBlock: 12,
      borderColor: colour.line,
    },
    Tabs: { titleFontSize: 14, horizontalItemGutter: 28, horizontalMargin: "0 0 20px 0" },
    Descriptions: { labelBg: "transparent" },
    Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", fontWeight: 500 },
    Tag: { defaultBg: "#eef1ee", defaultColor: colour.soft },
    Segmented: { trackBg: "#eaeeea" },
  },
};

/** The same for readers who asked their system for no motion. */
export const motionless: ThemeConfig = { ...theme, token: { ...theme.token, motion: false } };
