/** A duration as the documents write it, "30d" or "12h", asked as a number and a unit. */

import { InputNumber, Select, Space } from "antd";

import { useText } from "../i18n";

interface Props {
  value: string | null;
  onChange: (value: string | null) => void;
  label: string;
  /** May it be left open: any time? */
  optional?: boolean;
}

type Unit = "m" | "h" | "d" | "any";

export function DurationField({ value, onChange, label, optional }: Props) {
  const { t } = useText();
  const match = /^(\d+)([mhd])$/.exec(value ?? "");
  const count = match ? Number(match[1]) : 1;
  const unit: Unit = match ? (match[2] as Unit) : optional && !value ? "any" : "d";
  const units: Unit[] = optional ? ["any", "m", "h", "d"] : ["m", "h", "d"];
  return (
    <Space.Compact>
      {unit !== "any" && (
        <InputNumber
          aria-label={label}
          min={1}
          precision={0}
          style={{ width: 76 }}
          value={count}
          onChange={(next) => onChange(`${next ?? 1}${unit}`)}
        />
      )}
      <Select<Unit>
        aria-label={`${label}: ${t("duration.unit")}`}
        style={{ width: unit === "any" ? 110 : 88 }}
        value={unit}
        onChange={(next) => onChange(next === "any" ? null : `${unit === "any" ? 30 : count}${next}`)}
        options={units.map((one) => ({ value: one, label: t(`duration.${one}`) }))}
      />
    </Space.Compact>
  );
}
