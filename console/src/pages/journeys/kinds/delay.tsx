import { HourglassOutlined } from "@ant-design/icons";
import { Form } from "antd";

import type { JourneyNode } from "../../../api/types";
import { useText } from "../../../i18n";
import { durationWords } from "../../../lib/format";
import { DurationField } from "../../../ui/DurationField";
import type { Kind, SettingsProps } from "./kind";

type Delay = Extract<JourneyNode, { type: "delay" }>;

function Settings({ node, onChange }: SettingsProps<Delay>) {
  const { t } = useText();
  return (
    <Form.Item label={t("node.delayFor")}>
      <DurationField
        label={t("node.delayFor")}
        value={node.for}
        onChange={(span) => onChange({ ...node, for: span ?? node.for })}
      />
    </Form.Item>
  );
}

export const delay: Kind<"delay"> = {
  kind: "delay",
  icon: <HourglassOutlined aria-hidden />,
  words: (node, { t, language }) => t("node.delayWords", { span: durationWords(node.for, language) }),
  Settings,
};
