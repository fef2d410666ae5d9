/** An event by name, and a place in it, with what the catalogue knows of both. */

import { AutoComplete, Form } from "antd";

import { useCatalogue } from "../../api/hooks";
import { useText } from "../../i18n";

interface FieldProps {
  id: string;
  value: string;
  onChange: (value: string) => void;
}

const holds = (input: string, option?: { value: string }) =>
  (option?.value ?? "").toLowerCase().includes(input.toLowerCase());

export function EventField({ id, value, onChange }: FieldProps) {
  const { t } = useText();
  const events = useCatalogue().data?.events ?? [];
  return (
    <Form.Item label={t("traits.event")} htmlFor={id} extra={t("traits.eventHelp")}>
      <AutoComplete
        id={id}
        value={value}
        onChange={onChange}
        showSearch={{ filterOption: holds }}
        options={["*", ...events.map((one) => one.name)].map((one) => ({ value: one }))}
      />
    </Form.Item>
  );
}

export function PathField({ id, value, onChange, event }: FieldProps & { event: string }) {
  const { t } = useText();
  const properties = useCatalogue().data?.events.find((one) => one.name === event)?.properties ?? [];
  const known = [...properties.map((one) => one.name), "$hour", "$weekday", "$source", "context.device.type"];
  return (
    <Form.Item label={t("traits.property")} htmlFor={id} extra={t("traits.propertyHelp")}>
      <AutoComplete
        id={id}
        value={value}
        onChange={onChange}
        showSearch={{ filterOption: holds }}
        options={[...new Set(known)].map((one) => ({ value: one }))}
      />
    </Form.Item>
  );
}
