/** A form drawn from a JSON schema alone: its words in both languages, its limits and its defaults come with it. */

import { Form, Input, InputNumber, Select, Switch } from "antd";
import { useMemo, useState, type ReactNode } from "react";

import { useText } from "../i18n";
import { fieldsOf, readPairs, writePairs, type Field, type Shape } from "../lib/form";

export type Values = Record<string, unknown>;

interface Props {
  schema: Shape;
  value: Values;
  onChange: (value: Values) => void;
  /** Fields that are secret, and whether each is set already. */
  secrets?: Record<string, boolean>;
  /** The field an error is about. */
  wrong?: string | null;
}

interface ControlProps {
  id: string;
  field: Field;
  value: unknown;
  set: (value: unknown) => void;
  isSet: boolean;
}

const hint = (value: unknown): string | undefined =>
  (typeof value === "string" && value !== "") || typeof value === "number" ? String(value) : undefined;

function Json({ id, value, set }: Pick<ControlProps, "id" | "value" | "set">) {
  const [text, setText] = useState(value === undefined ? "" : JSON.stringify(value, null, 2));
  const [broken, setBroken] = useState(false);
  return (
    <Input.TextArea
      id={id}
      className="mono"
      status={broken ? "error" : ""}
      autoSize={{ minRows: 2, maxRows: 10 }}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        try {
          set(event.target.value.trim() ? (JSON.parse(event.target.value) as unknown) : undefined);
          setBroken(false);
        } catch {
          setBroken(true);
        }
      }}
    />
  );
}

function Pairs({ id, value, set }: Pick<ControlProps, "id" | "value" | "set">) {
  const [text, setText] = useState(writePairs(value));
  return (
    <Input.TextArea
      id={id}
      className="mono"
      placeholder="name=value"
      autoSize={{ minRows: 2, maxRows: 8 }}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        set(readPairs(event.target.value));
      }}
    />
  );
}

function Control(props: ControlProps): ReactNode {
  const { id, field, value, set, isSet } = props;
  const { t } = useText();
  const text = typeof value === "string" ? value : "";
  const placeholder = hint(field.shape.default);
  const write = (written: string) => set(written === "" ? undefined : written);
  switch (field.control) {
    case "number":
      return (
        <InputNumber
          id={id}
          className="full"
          min={field.shape.minimum}
          max={field.shape.maximum}
          placeholder={placeholder}
          value={typeof value === "number" ? value : null}
          onChange={(number) => set(number ?? undefined)}
        />
      );
    case "switch":
      return <Switch id={id} checked={Boolean(value ?? field.shape.default)} onChange={set} />;
    case "choice":
      return (
        <Select
          id={id}
          allowClear={!field.required}
          placeholder={placeholder}
          value={value as string | undefined}
          onChange={set}
          options={field.options.map((one) => ({ value: one, label: one }))}
        />
      );
    case "list":
      return (
        <Select
          id={id}
          mode="tags"
          open={false}
          suffix={null}
          tokenSeparators={[","]}
          value={Array.isArray(value) ? (value as string[]) : []}
          onChange={(list: string[]) => set(list.length ? list : undefined)}
        />
      );
    case "secret":
      return (
        <Input.Password
          id={id}
          autoComplete="new-password"
          placeholder={isSet ? t("form.secretSet") : undefined}
          value={text}
          onChange={(event) => write(event.target.value)}
        />
      );
    case "long":
      return (
        <Input.TextArea
          id={id}
          className="mono"
          autoSize={{ minRows: 2, maxRows: 12 }}
          value={text}
          onChange={(event) => write(event.target.value)}
        />
      );
    case "pairs":
      return <Pairs id={id} value={value} set={set} />;
    case "json":
      return <Json id={id} value={value} set={set} />;
    default:
      return <Input id={id} placeholder={placeholder} value={text} onChange={(event) => write(event.target.value)} />;
  }
}

export function SchemaForm({ schema, value, onChange, secrets = {}, wrong }: Props) {
  const { language } = useText();
  const hidden = Object.keys(secrets).join(" ");
  const fields = useMemo(() => fieldsOf(schema, hidden.split(" ")), [schema, hidden]);
  const set = (name: string, written: unknown) => {
    const next = { ...value };
    if (written === undefined) delete next[name];
    else next[name] = written;
    onChange(next);
  };
  return (
    <>
      {fields.map((field) => {
        const id = `schema-${field.name}`;
        const words = (language === "zh" ? field.shape["x-title-zh"] : undefined) ?? field.shape.title ?? field.name;
        return (
          <Form.Item
            key={field.name}
            htmlFor={id}
            required={field.required}
            validateStatus={wrong === field.name ? "error" : undefined}
            label={words}
          >
            <Control
              id={id}
              field={field}
              value={value[field.name]}
              set={(written) => set(field.name, written)}
              isSet={Boolean(secrets[field.name])}
            />
          </Form.Item>
        );
      })}
    </>
  );
}
