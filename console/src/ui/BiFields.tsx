/** A text in both languages, the reader's own first. */

import { Form, Input } from "antd";

import type { Bi } from "../api/types";
import { useText } from "../i18n";

interface Props {
  id: string;
  of: "name" | "about" | "unit";
  value: Bi;
  onChange: (value: Bi) => void;
}

export function BiFields({ id, of, value, onChange }: Props) {
  const { t, language } = useText();
  const order = language === "zh" ? (["zh", "en"] as const) : (["en", "zh"] as const);
  return (
    <>
      {order.map((one) => (
        <Form.Item key={one} label={t(`bi.${of}.${one}`)} htmlFor={`${id}-${one}`}>
          <Input
            id={`${id}-${one}`}
            value={value[one]}
            onChange={(event) => onChange({ ...value, [one]: event.target.value })}
          />
        </Form.Item>
      ))}
    </>
  );
}

/** A plain text with its label. */
export function TextField(props: {
  id: string;
  label: string;
  help?: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Form.Item label={props.label} htmlFor={props.id} extra={props.help}>
      <Input id={props.id} value={props.value} onChange={(event) => props.onChange(event.target.value)} />
    </Form.Item>
  );
}
