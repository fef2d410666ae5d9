/** A value for an operator: none, one or several; a number, a yes or no, or words with examples from the data. */

import { AutoComplete, InputNumber, Select } from "antd";

import type { ValueType } from "../../api/types";
import { useText } from "../../i18n";
import { takesMany, takesValue } from "../../lib/tree";

interface Props {
  type: ValueType;
  op: string;
  value: unknown;
  examples?: unknown[];
  onChange: (value: unknown) => void;
}

export function ValueField({ type, op, value, examples = [], onChange }: Props) {
  const { t } = useText();
  if (!takesValue(op)) return null;
  const label = t("condition.value");
  const known = [...new Set(examples.filter((one) => one !== null && one !== undefined).map(String))];
  if (takesMany(op)) {
    const read = (texts: string[]) =>
      type === "number" ? texts.map(Number).filter((one) => !Number.isNaN(one)) : texts;
    return (
      <Select
        mode="tags"
        aria-label={label}
        style={{ minWidth: 220 }}
        value={Array.isArray(value) ? value.map(String) : []}
        onChange={(texts: string[]) => onChange(read(texts))}
        options={known.map((one) => ({ value: one, label: one }))}
        placeholder={t("condition.values")}
      />
    );
  }
  if (type === "number") {
    return (
      <InputNumber
        aria-label={label}
        style={{ width: 130 }}
        value={typeof value === "number" ? value : Number(value) || 0}
        onChange={(number) => onChange(number ?? 0)}
      />
    );
  }
  if (type === "boolean") {
    return (
      <Select
        aria-label={label}
        style={{ width: 100 }}
        value={value === true}
        onChange={onChange}
        options={[
          { value: true, label: t("condition.yes") },
          { value: false, label: t("condition.no") },
        ]}
      />
    );
  }
  return (
    <AutoComplete
      aria-label={label}
      style={{ width: 220 }}
      value={typeof value === "string" || typeof value === "number" ? String(value) : ""}
      onChange={onChange}
      options={known.map((one) => ({ value: one }))}
      placeholder={t(type === "time" ? "condition.timeHint" : "condition.value")}
    />
  );
}
