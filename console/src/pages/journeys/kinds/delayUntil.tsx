import { ClockCircleOutlined } from "@ant-design/icons";
import { Form, Input, Radio } from "antd";

import type { JourneyNode } from "../../../api/types";
import { useText } from "../../../i18n";
import type { Kind, SettingsProps } from "./kind";

type DelayUntil = Extract<JourneyNode, { type: "delay_until" }>;

function Settings({ node, onChange }: SettingsProps<DelayUntil>) {
  const { t } = useText();
  const byTrait = Boolean(node.trait);
  const choose = (trait: boolean) =>
    onChange(trait ? { ...node, trait: "active_hour", time: undefined } : { ...node, time: "10:00", trait: undefined });
  return (
    <>
      <Form.Item label={t("node.untilHow")}>
        <Radio.Group
          aria-label={t("node.untilHow")}
          value={byTrait}
          onChange={(event) => choose(event.target.value as boolean)}
          options={[
            { value: true, label: t("node.untilActive") },
            { value: false, label: t("node.untilTime") },
          ]}
        />
      </Form.Item>
      {!byTrait && (
        <Form.Item label={t("node.untilTime")} htmlFor="until-time" extra={t("node.untilZone")}>
          <Input
            id="until-time"
            type="time"
            style={{ width: 140 }}
            value={node.time ?? ""}
            onChange={(event) => onChange({ ...node, time: event.target.value })}
          />
        </Form.Item>
      )}
    </>
  );
}

export const delayUntil: Kind<"delay_until"> = {
  kind: "delay_until",
  icon: <ClockCircleOutlined aria-hidden />,
  words: (node, { t }) =>
    node.trait ? t("node.untilActiveWords") : t("node.untilTimeWords", { time: node.time ?? "" }),
  Settings,
};
