/** The left menu: the order of the loop. Also where the first breadcrumb of each page comes from. */

import {
  AimOutlined,
  ApartmentOutlined,
  CloudUploadOutlined,
  CompassOutlined,
  FunnelPlotOutlined,
  HeatMapOutlined,
  KeyOutlined,
  LineChartOutlined,
  StopOutlined,
  TeamOutlined,
  ThunderboltOutlined,
  UsergroupAddOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";

export interface Entry {
  path: string;
  label: string;
  icon: ReactNode;
}

export const groups: { label: string | null; entries: Entry[] }[] = [
  { label: null, entries: [{ path: "/", label: "menu.overview", icon: <CompassOutlined aria-hidden /> }] },
  {
    label: "menu.people",
    entries: [
      { path: "/customers", label: "menu.customers", icon: <TeamOutlined aria-hidden /> },
      { path: "/segments", label: "menu.segments", icon: <UsergroupAddOutlined aria-hidden /> },
    ],
  },
  {
    label: "menu.engage",
    entries: [
      { path: "/journeys", label: "menu.journeys", icon: <ApartmentOutlined aria-hidden /> },
      { path: "/campaigns", label: "menu.campaigns", icon: <AimOutlined aria-hidden /> },
    ],
  },
  {
    label: "menu.insights",
    entries: [
      { path: "/insights/funnel", label: "menu.funnel", icon: <FunnelPlotOutlined aria-hidden /> },
      { path: "/insights/rfm", label: "menu.rfm", icon: <HeatMapOutlined aria-hidden /> },
      { path: "/insights/trends", label: "menu.trends", icon: <LineChartOutlined aria-hidden /> },
    ],
  },
  {
    label: "menu.data",
    entries: [
      { path: "/events", label: "menu.events", icon: <ThunderboltOutlined aria-hidden /> },
      { path: "/rejected", label: "menu.rejected", icon: <StopOutlined aria-hidden /> },
      { path: "/imports", label: "menu.imports", icon: <CloudUploadOutlined aria-hidden /> },
      { path: "/keys", label: "menu.keys", icon: <KeyOutlined aria-hidden /> },
    ],
  },
];

/** The entry a path belongs to: "/customers/c-1" is Customers. */
export function entryOf(path: string): Entry | undefined {
  const all = groups.flatMap((group) => group.entries);
  return all.find((entry) =>
    entry.path === "/" ? path === "/" : path === entry.path || path.startsWith(`${entry.path}/`),
  );
}
