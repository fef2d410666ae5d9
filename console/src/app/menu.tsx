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
  { label: null, entries: [{ path: "/", label: "menu.overview", icon: <CompassOutlined /> }] },
  {
    label: "menu.people",
    entries: [
      { path: "/customers", label: "menu.customers", icon: <TeamOutlined /> },
      { path: "/segments", label: "menu.segments", icon: <UsergroupAddOutlined /> },
    ],
  },
  {
    label: "menu.engage",
    entries: [
      { path: "/journeys", label: "menu.journeys", icon: <ApartmentOutlined /> },
      { path: "/campaigns", label: "menu.campaigns", icon: <AimOutlined /> },
    ],
  },
  {
    label: "menu.insights",
    entries: [
      { path: "/insights/funnel", label: "menu.funnel", icon: <FunnelPlotOutlined /> },
      { path: "/insights/rfm", label: "menu.rfm", icon: <HeatMapOutlined /> },
      { path: "/insights/trends", label: "menu.trends", icon: <LineChartOutlined /> },
    ],
  },
  {
    label: "menu.data",
    entries: [
      { path: "/events", label: "menu.events", icon: <ThunderboltOutlined /> },
      { path: "/rejected", label: "menu.rejected", icon: <StopOutlined /> },
      { path: "/imports", label: "menu.imports", icon: <CloudUploadOutlined /> },
      { path: "/keys", label: "menu.keys", icon: <KeyOutlined /> },
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
