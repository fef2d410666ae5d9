/** A page's head - where it stands, its name, its one primary action - and its body. */

import { Breadcrumb } from "antd";
import { useEffect, type ReactNode } from "react";
import { Link } from "react-router";

import { useText } from "../i18n";

interface Crumb {
  to?: string;
  label: string;
}

interface Props {
  title: string;
  lead?: ReactNode;
  crumbs?: Crumb[];
  tags?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
  wide?: boolean;
}

export function Page({ title, lead, crumbs, tags, action, children, wide }: Props) {
  const { t } = useText();
  useEffect(() => {
    document.title = `${title} · ${t("brand.name")}`;
  }, [title, t]);
  return (
    <div className={wide ? "page page-wide" : "page"}>
      {crumbs && (
        <Breadcrumb
          className="crumbs"
          items={[
            ...crumbs.map((crumb) => ({ title: crumb.to ? <Link to={crumb.to}>{crumb.label}</Link> : crumb.label })),
            { title },
          ]}
        />
      )}
      <div className="page-head">
        <div className="page-title">
          <h1>
            {title} {tags}
          </h1>
          {lead && <p className="lead">{lead}</p>}
        </div>
        {action && <div className="page-action">{action}</div>}
      </div>
      {children}
    </div>
  );
}
