import { MailOutlined } from "@ant-design/icons";
import { Form, Select } from "antd";

import { useDefinitions } from "../../../api/hooks";
import type { Bi, JourneyNode } from "../../../api/types";
import { useText } from "../../../i18n";
import type { Kind, SettingsProps } from "./kind";

type Message = Extract<JourneyNode, { type: "message" }>;
interface Content {
  id: string;
  name: Bi | null;
}

function Settings({ node, onChange }: SettingsProps<Message>) {
  const { t, bi, code } = useText();
  const contents = useDefinitions<Content>("content");
  const known = (contents.data?.items ?? []).map((one) => ({ value: one.id, label: bi(one.name) || one.id }));
  const options = known.some((one) => one.value === node.content)
    ? known
    : [{ value: node.content, label: node.content }, ...known];
  return (
    <>
      <Form.Item label={t("node.content")} htmlFor="message-content">
        <Select
          id="message-content"
          value={node.content}
          onChange={(content: string) => onChange({ ...node, content })}
          options={options}
        />
      </Form.Item>
      <Form.Item label={t("node.channel")} htmlFor="message-channel">
        <Select
          id="message-channel"
          value={node.channel}
          onChange={(channel: string) => onChange({ ...node, channel })}
          options={[...new Set([node.channel, "email"])].map((channel) => ({
            value: channel,
            label: code("channel", channel),
          }))}
        />
      </Form.Item>
    </>
  );
}

export const message: Kind<"message"> = {
  kind: "message",
  icon: <MailOutlined aria-hidden />,
  words: (node, { code, names }) => `${code("channel", node.channel)} · ${names("content", node.content)}`,
  Settings,
};
