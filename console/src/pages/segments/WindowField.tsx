/** When: ever, in so many exact days, or in the customer's own day, week or month. */

import { InputNumber, Select, Space } from "antd";

import type { Windowed } from "../../api/types";
import { useText } from "../../i18n";

const CALENDAR = ["today", "yesterday", "this_week", "last_week", "this_month", "last_month"] as const;
const ROLLING = ["m", "h", "d", "w"] as const;

interface Props {
  node: Windowed;
  onChange: (window: Windowed) => void;
  /** May it be ever? */
  optional?: boolean;
}

export function WindowField({ node, onChange, optional }: Props) {
  const { t } = useText();
  const rolling = /^\s*(\d+)\s*([smhdw])\s*$/.exec(node.within ?? "");
  const days = /^last_(\d+)_days$/.exec(node.during ?? "");
  const kind = rolling?.[2] ?? (days ? "days" : (node.during ?? "ever"));
  const count = Number(rolling?.[1] ?? days?.[1] ?? (kind === "days" ? 7 : 30));
  const set = (next: string, n: number) => {
    if (next === "ever") onChange({ within: undefined, during: undefined });
    else if (next === "days") onChange({ within: undefined, during: `last_${n}_days` });
    else if (next.length === 1) onChange({ within: `${n}${next}`, during: undefined });
    else onChange({ within: undefined, during: next });
  };
  const counted = kind === "days" || kind.length === 1;
  const units = kind === "s" ? ["s", ...ROLLING] : ROLLING;
  return (
    <Space.Compact>
      {counted && (
        <InputNumber
          aria-label={t("condition.window")}
          min={1}
          max={kind === "days" ? 3650 : 999999}
          precision={0}
          style={{ width: 80 }}
          value={count}
          onChange={(n) => set(kind, n ?? 1)}
        />
      )}
      <Select
        aria-label={`${t("condition.window")}: ${t("duration.unit")}`}
        style={{ minWidth: 168 }}
        popupMatchSelectWidth={false}
        value={kind}
        onChange={(next: string) => set(next, counted ? count : 30)}
        options={[
          ...(optional || kind === "ever" ? [{ value: "ever", label: t("condition.ever") }] : []),
          { label: t("condition.rolling"), options: units.map((one) => ({ value: one, label: t(`during.${one}`) })) },
          {
            label: t("condition.calendar"),
            options: ["days", ...CALENDAR].map((one) => ({ value: one, label: t(`during.${one}`) })),
          },
        ]}
      />
    </Space.Compact>
  );
}
