/** Every page behind sign-in, in the order of the loop: its address, its place in the menu and its chunk, together.
 *
 * A new page is one entry here. Each page is loaded when it is first opened.
 */

import {
  AimOutlined,
  ApartmentOutlined,
  AuditOutlined,
  ApiOutlined,
  CloudUploadOutlined,
  CompassOutlined,
  DotChartOutlined,
  ExperimentOutlined,
  FunnelPlotOutlined,
  HeatMapOutlined,
  HistoryOutlined,
  IdcardOutlined,
  KeyOutlined,
  LineChartOutlined,
  ProfileOutlined,
  ReadOutlined,
  SafetyCertificateOutlined,
  ShoppingCartOutlined,
  SlidersOutlined,
  StopOutlined,
  RetweetOutlined,
  TagsOutlined,
  TeamOutlined,
  ThunderboltOutlined,
  UsergroupAddOutlined,
  UserSwitchOutlined,
} from "@ant-design/icons";
import { type ComponentType, lazy } from "react";

type Loader = () => Promise<{ default: ComponentType }>;

export interface Entry {
  path: string;
  /** The key of its name in the menu and in the first breadcrumb. */
  label: string;
  Icon: ComponentType<{ "aria-hidden"?: boolean }>;
  Shown: ComponentType;
  /** Whether the page is for owners alone. */
  owners?: boolean;
  /** The page of one thing on the list: "/customers" opens "/customers/:id". */
  One?: ComponentType;
}

const entry = (path: string, label: string, Icon: Entry["Icon"], page: Loader, one?: Loader): Entry => ({
  path,
  label,
  Icon,
  Shown: lazy(page),
  ...(one ? { One: lazy(one) } : {}),
});

export const groups: { label: string | null; entries: Entry[] }[] = [
  {
    label: null,
    entries: [entry("/", "menu.overview", CompassOutlined, () => import("../pages/overview/Overview"))],
  },
  {
    label: "menu.data",
    entries: [
      entry(
        "/sources",
        "menu.sources",
        ApiOutlined,
        () => import("../pages/data/Sources"),
        () => import("../pages/data/sources/SourcePage"),
      ),
      entry("/imports", "menu.imports", CloudUploadOutlined, () => import("../pages/data/Imports")),
      entry("/events", "menu.events", ThunderboltOutlined, () => import("../pages/data/Live")),
      entry("/rejected", "menu.rejected", StopOutlined, () => import("../pages/data/RejectedRows")),
      entry("/quality", "menu.quality", SafetyCertificateOutlined, () => import("../pages/data/Quality")),
      entry(
        "/plans",
        "menu.plans",
        ProfileOutlined,
        () => import("../pages/data/Plans"),
        () => import("../pages/data/Plan"),
      ),
      entry(
        "/catalogue",
        "menu.catalogue",
        ReadOutlined,
        () => import("../pages/data/catalogue/Catalogue"),
        () => import("../pages/data/catalogue/Dataset"),
      ),
      entry("/agreements", "menu.agreements", AuditOutlined, () => import("../pages/data/Agreements")),
      entry("/keys", "menu.keys", KeyOutlined, () => import("../pages/settings/Keys")),
    ],
  },
  {
    label: "menu.people",
    entries: [
      entry(
        "/customers",
        "menu.customers",
        TeamOutlined,
        () => import("../pages/customers/Customers"),
        () => import("../pages/customers/Customer"),
      ),
      entry("/identities", "menu.identities", IdcardOutlined, () => import("../pages/identity/Identities")),
      entry(
        "/traits",
        "menu.traits",
        SlidersOutlined,
        () => import("../pages/traits/Traits"),
        () => import("../pages/traits/TraitPage"),
      ),
      entry(
        "/segments",
        "menu.segments",
        UsergroupAddOutlined,
        () => import("../pages/segments/Segments"),
        () => import("../pages/segments/Segment"),
      ),
      entry(
        "/tags",
        "menu.tags",
        TagsOutlined,
        () => import("../pages/tags/Tags"),
        () => import("../pages/tags/TagPage"),
      ),
      entry("/lifecycle", "menu.lifecycle", RetweetOutlined, () => import("../pages/lifecycle/Lifecycle")),
    ],
  },
  {
    label: "menu.models",
    entries: [
      entry(
        "/models/lookalike",
        "menu.lookalike",
        UsergroupAddOutlined,
        () => import("../pages/models/Lookalikes"),
        () => import("../pages/models/Lookalike"),
      ),
      entry(
        "/models/clusters",
        "menu.clusters",
        DotChartOutlined,
        () => import("../pages/models/Clusterings"),
        () => import("../pages/models/Clusters"),
      ),
      entry(
        "/models/rules",
        "menu.rules",
        ShoppingCartOutlined,
        () => import("../pages/models/Associations"),
        () => import("../pages/models/Rules"),
      ),
      entry(
        "/models/classification",
        "menu.classification",
        ExperimentOutlined,
        () => import("../pages/models/Classifications"),
        () => import("../pages/models/Classification"),
      ),
    ],
  },
  {
    label: "menu.engage",
    entries: [
      entry(
        "/journeys",
        "menu.journeys",
        ApartmentOutlined,
        () => import("../pages/journeys/Journeys"),
        () => import("../pages/journeys/Journey"),
      ),
      entry(
        "/campaigns",
        "menu.campaigns",
        AimOutlined,
        () => import("../pages/campaigns/Campaigns"),
        () => import("../pages/campaigns/Campaign"),
      ),
    ],
  },
  {
    label: "menu.insights",
    entries: [
      entry("/insights/funnel", "menu.funnel", FunnelPlotOutlined, () => import("../pages/insights/Funnel")),
      entry("/insights/rfm", "menu.rfm", HeatMapOutlined, () => import("../pages/insights/Rfm")),
      entry("/insights/trends", "menu.trends", LineChartOutlined, () => import("../pages/insights/Trends")),
    ],
  },
  {
    label: "menu.settings",
    entries: [
      { ...entry("/users", "menu.users", UserSwitchOutlined, () => import("../pages/settings/Users")), owners: true },
      { ...entry("/audit", "menu.audit", HistoryOutlined, () => import("../pages/settings/Audit")), owners: true },
    ],
  },
];

const entries = groups.flatMap((group) => group.entries);

/** The routes of all pages, for the router. */
export const routes = entries.flatMap(({ path, Shown, One }) => [
  path === "/" ? { index: true as const, element: <Shown /> } : { path: path.slice(1), element: <Shown /> },
  ...(One ? [{ path: `${path.slice(1)}/:id`, element: <One /> }] : []),
]);

/** The entry a path belongs to: "/customers/c-1" is Customers. */
export function entryOf(path: string): Entry | undefined {
  return entries.find((known) =>
    known.path === "/" ? path === "/" : path === known.path || path.startsWith(`${known.path}/`),
  );
}
