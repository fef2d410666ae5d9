/** The frame of every page behind sign-in: menu, clock, language, the demo's plain word about itself. */

import { LockOutlined, LogoutOutlined, MenuOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Drawer, Dropdown, Layout, Menu, Spin } from "antd";
import { lazy, Suspense, useState } from "react";
import { Link, Navigate, Outlet, useLocation } from "react-router";

import { api } from "../api/client";
import { useSession } from "../api/hooks";
import { useText } from "../i18n";
import { Failure } from "../ui/States";
import { Mark } from "./Brand";
import { ClockTag } from "./ClockTag";
import { LanguageSwitch } from "./LanguageSwitch";
import { entryOf, groups } from "./pages";
import { useWorkspace, WorkspaceProvider } from "./workspace";

const PasswordDialog = lazy(() => import("./PasswordDialog"));

function Sidebar({ onChoose }: { onChoose?: () => void }) {
  const { t } = useText();
  const { pathname } = useLocation();
  const { workspace, user } = useWorkspace();
  const items = groups.map((group, index) => {
    const children = group.entries
      .filter((entry) => !entry.owners || user.role === "owner")
      .map((entry) => ({
        key: entry.path,
        icon: <entry.Icon aria-hidden />,
        label: (
          <Link to={entry.path} onClick={onChoose}>
            {t(entry.label)}
          </Link>
        ),
      }));
    return { type: "group" as const, key: `group-${index}`, label: group.label && t(group.label), children };
  });
  return (
    <nav aria-label={t("shell.menu")} className="sidebar">
      <Link to="/" className="brand" onClick={onChoose}>
        <Mark />
        <span className="brand-words">
          <span className="brand-name">{t("brand.name")}</span>
          <span className="brand-space">{workspace.name}</span>
        </span>
      </Link>
      <Menu mode="inline" selectedKeys={[entryOf(pathname)?.path ?? ""]} items={items} />
    </nav>
  );
}

function Account() {
  const { t } = useText();
  const { user } = useWorkspace();
  const client = useQueryClient();
  const leave = async () => {
    await api.delete("/session");
    client.clear();
    await client.invalidateQueries({ queryKey: ["session"] });
    window.location.assign("/sign-in");
  };
  const [changing, setChanging] = useState(false);
  const items = [
    { key: "who", label: `${user.email} · ${t(`role.${user.role}`, { defaultValue: user.role })}`, disabled: true },
    {
      key: "password",
      icon: <LockOutlined aria-hidden />,
      label: t("account.password"),
      onClick: () => setChanging(true),
    },
    { key: "out", icon: <LogoutOutlined aria-hidden />, label: t("shell.signOut"), onClick: () => void leave() },
  ];
  return (
    <>
      <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
        <Button type="text" className="account" aria-label={t("shell.account", { name: user.name || user.email })}>
          <span className="avatar" aria-hidden data-letter={(user.name || user.email).slice(0, 1).toUpperCase()} />
          <span className="account-name">{user.name || user.email}</span>
        </Button>
      </Dropdown>
      {changing && (
        <Suspense>
          <PasswordDialog close={() => setChanging(false)} />
        </Suspense>
      )}
    </>
  );
}

function DemoBanner() {
  const { t } = useText();
  const { workspace } = useWorkspace();
  if (!workspace.demo) return null;
  return (
    <Alert
      className="demo-banner"
      type="warning"
      banner
      showIcon={false}
      title={
        <span>
          <span className="pill pill-lamp">{t("demo.tag")}</span> {t("demo.plain")}
        </span>
      }
    />
  );
}

function Frame() {
  const { t } = useText();
  const [open, setOpen] = useState(false);
  return (
    <Layout className="frame">
      <a className="skip" href="#main">
        {t("shell.skip")}
      </a>
      <Layout.Sider width={228} className="sider" breakpoint="lg" collapsedWidth={0} trigger={null}>
        <Sidebar />
      </Layout.Sider>
      <Layout>
        <header className="topbar">
          <Button
            className="menu-button"
            type="text"
            icon={<MenuOutlined aria-hidden />}
            aria-label={t("shell.menu")}
            onClick={() => setOpen(true)}
          />
          <span className="grow" />
          <ClockTag />
          <LanguageSwitch />
          <Account />
        </header>
        <DemoBanner />
        <main id="main" className="content" tabIndex={-1}>
          <Suspense fallback={<Spin className="page-spin" size="large" description={t("state.loading")} />}>
            <Outlet />
          </Suspense>
        </main>
      </Layout>
      <Drawer open={open} onClose={() => setOpen(false)} placement="left" size={260} title={t("brand.name")}>
        <Sidebar onChoose={() => setOpen(false)} />
      </Drawer>
    </Layout>
  );
}

export function Shell() {
  const { t } = useText();
  const session = useSession();
  const { pathname, search } = useLocation();
  if (session.isPending) return <Spin className="page-spin" size="large" fullscreen description={t("state.loading")} />;
  if (!session.data) return <Failure error={session.error} retry={() => void session.refetch()} />;
  if (!session.data.user) {
    const to = session.data.setup_needed ? "/setup" : `/sign-in?next=${encodeURIComponent(pathname + search)}`;
    return <Navigate to={to} replace />;
  }
  return (
    <WorkspaceProvider session={session.data}>
      <Frame />
    </WorkspaceProvider>
  );
}
