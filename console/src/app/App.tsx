/** Providers and routes. Every page is its own chunk (see pages.tsx); only the shell and sign-in load at once. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import i18next from "i18next";
import { createBrowserRouter, Navigate, RouterProvider } from "react-router";

import { ApiError, whenSignedOut } from "../api/client";
import { useText } from "../i18n";
import { useReducedMotion } from "../ui/useReducedMotion";
import { Crashed, NotFound } from "./Exceptions";
import { routes } from "./pages";
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

// What the server words is asked for again in the other language.
i18next.on("languageChanged", () => void client.invalidateQueries());
whenSignedOut(() => void client.invalidateQueries({ queryKey: ["session"] }));

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
          { path: "insights", element: <Navigate to="/insights/funnel" replace /> },
          ...routes,
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
