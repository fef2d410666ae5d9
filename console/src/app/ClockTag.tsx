/** The workspace's time, and plainly so when it is not the wall's. */

import { FieldTimeOutlined } from "@ant-design/icons";
import { Tooltip } from "antd";

import { useText } from "../i18n";
import { time } from "../lib/format";
import { useNow, useWorkspace } from "./workspace";

export function ClockTag() {
  const { t, language } = useText();
  const { workspace } = useWorkspace();
  const now = useNow();
  const { kind, speed } = workspace.clock;
  const label = kind === "scaled" ? t("clock.scaledBy", { speed: speed ?? 1 }) : t(`clock.${kind}`);
  return (
    <Tooltip title={t(`clock.${kind}Help`, { zone: workspace.zone })}>
      <span className="clock num">
        <FieldTimeOutlined aria-hidden />
        {time(new Date(now).toISOString(), language, workspace.zone)}
        {kind !== "system" && <span className="pill pill-lamp">{label}</span>}
      </span>
    </Tooltip>
  );
}
