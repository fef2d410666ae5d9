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
  // A scaled clock at the wall's own pace still shows another time than the wall: the demo after its end.
  const pace = kind === "scaled" && (speed ?? 1) === 1 ? "own" : kind;
  const label = pace === "scaled" ? t("clock.scaledBy", { speed: speed ?? 1 }) : t(`clock.${pace}`);
  return (
    <Tooltip title={t(`clock.${pace}Help`, { zone: workspace.zone })}>
      <span className="clock num">
        <FieldTimeOutlined aria-hidden />
        {time(new Date(now).toISOString(), language, workspace.zone)}
        {kind !== "system" && <span className="pill pill-lamp">{label}</span>}
      </span>
    </Tooltip>
  );
}
