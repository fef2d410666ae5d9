import { EyeOutlined } from "@ant-design/icons";
import { Form, Select } from "antd";

import { useCatalogue } from "../../../api/hooks";
import type { JourneyNode } from "../../../api/types";
import { useText } from "../../../i18n";
import { durationWords } from "../../../lib/format";
import { DurationField } from "../../../ui/DurationField";
import type { Kind, SettingsProps } from "./kind";

type WaitFor = Extract<JourneyNode, { type: "wait_for" }>;

function Settings({ node, onChange }: SettingsProps<WaitFor>) {
  const { t, code } = useText();
  const catalogue = useCatalogue();
  const names = catalogue.data?.events.map((event) => event.name) ?? [];
  return (
    <>
      {node.events.map((match, index) => (
        <Form.Item key={index} label={t("node.waitEvent")} htmlFor={`wait-${index}`}>
          <Select
            id={`wait-${index}`}
            showSearch
            value={match.event}
            onChange={(event: string) =>
              onChange({
                ...node,
                events: node.events.map((one, position) => (position === index ? { ...one, event } : one)),
              })
            }
            options={[...new Set([match.event, ...names])].map((name) => ({ value: name, label: code("event", name) }))}
          />
        </Form.Item>
      ))}
      <Form.Item label={t("node.waitTimeout")}>
        <DurationField
          label={t("node.waitTimeout")}
          value={node.timeout}
          onChange={(timeout) => onChange({ ...node, timeout: timeout ?? node.timeout })}
        />
      </Form.Item>
    </>
  );
}

export const waitFor: Kind<"wait_for"> = {
  kind: "wait_for",
  icon: <EyeOutlined aria-hidden />,
  words: (node, { t, code, language }) =>
    t("node.waitWords", {
      event: node.events.map((match) => code("event", match.event)).join(" / "),
      span: durationWords(node.timeout, language),
    }),
  Settings,
};
