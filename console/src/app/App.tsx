/** Providers and routes. Every page is its own chunk; only the shell and sign-in load at once. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import { lazy } from "react";
import { createBrowserRouter, Navigate, RouterProvider } from "react-router";

import { ApiError, whenSignedOut } from "../api/client";
import { useText } from "../i18n";
import { useReducedMotion } from "../ui/useReducedMotion";
import { Crashed, NotFound } from "./Exceptions";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";
import { SetUp } from "./SetUp";
import { motionless, theme } from "./theme";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      refetchOnWindowFocus: false,
    },
  },
});

whenSignedOut(() => void client.invalidateQueries({ queryKey: ["session"] }));

const Overview = lazy(() => import("../pages/overview/Overview"));
const Customers = lazy(() => import("../pages/customers/Customers"));
const Customer = lazy(() => import("../pages/customers/Customer"));
const Segments = lazy(() => import("../pages/segments/Segments"));
const Segment = lazy(() => import("../pages/segments/Segment"));
const Journeys = lazy(() => import("../pages/journeys/Journeys"));
const Journey = lazy(() => import("../pages/journeys/Journey"));
const Campaigns = lazy(() => import("../pages/campaigns/Campaigns"));
const Campaign = lazy(() => import("../pages/campaigns/Campaign"));
const FunnelPage = lazy(() => import("../pages/insights/Funnel"));
const RfmPage = lazy(() => import("../pages/insights/Rfm"));
const Trends = lazy(() => import("../pages/insights/Trends"));
const Live = lazy(() => import("../pages/data/Live"));
const RejectedRows = lazy(() => import("../pages/data/RejectedRows"));
const Imports = lazy(() => import("../pages/data/Imports"));
const Keys = lazy(() => import("../pages/settings/Keys"));

const router = createBrowserRouter([
  { path: "/sign-in", element: <SignIn />, errorElement: <Crashed /> },
  { path: "/setup", element: <SetUp />, errorElement: <Crashed /> },
  {
    path: "/",
    element: <Shell />,
    errorElement: <Crashed />,
    children: [
      {
        errorElement: <Crashed />,
        children: [
          { index: true, element: <Overview /> },
          { path: "customers", element: <Customers /> },
          { path: "customers/:id", element: <Customer /> },
          { path: "segments", element: <Segments /> },
          { path: "segments/:id", element: <Segment /> },
          { path: "journeys", element: <Journeys /> },
          { path: "journeys/:id", element: <Journey /> },
          { path: "campaigns", element: <Campaigns /> },
          { path: "campaigns/:id", element: <Campaign /> },
          { path: "insights", element: <Navigate to="/insights/funnel" replace /> },
          { path: "insights/funnel", element: <FunnelPage /> },
          { path: "insights/rfm", element: <RfmPage /> },
          { path: "insights/trends", element: <Trends /> },
          { path: "events", element: <Live /> },
          { path: "rejected", element: <RejectedRows /> },
          { path: "imports", element: <Imports /> },
          { path: "keys", element: <Keys /> },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
]);

export function App() {
  const { language } = useText();
  const still = useReducedMotion();
  return (
    <ConfigProvider
      theme={still ? motionless : theme}
      locale={language === "zh" ? zh : en}
      button={{ autoInsertSpace: false }}
    >
      <AntApp>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
