/** Pages for an address that names nothing and for a page that broke. */

import { Button, Result } from "antd";
import { Link, useRouteError } from "react-router";

import { useText } from "../i18n";

export function NotFound() {
  const { t } = useText();
  return (
    <Result
      status="404"
      title={t("exception.notFound")}
      subTitle={t("exception.notFoundHelp")}
      extra={<Link to="/">{t("exception.home")}</Link>}
    />
  );
}

export function Crashed() {
  const { t } = useText();
  const error = useRouteError();
  return (
    <Result
      status="error"
      title={t("exception.crashed")}
      subTitle={error instanceof Error ? error.message : t("exception.crashedHelp")}
      extra={<Button onClick={() => window.location.reload()}>{t("exception.reload")}</Button>}
    />
  );
}
