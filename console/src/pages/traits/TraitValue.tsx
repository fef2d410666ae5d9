/** A trait's value, whatever it is: a number, a text, a list, or shares by key. */

import { Space, Tag } from "antd";

import { useText } from "../../i18n";
import { number, share } from "../../lib/format";
import { Moment } from "../../ui/Moment";

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

export function TraitValue({ value }: { value: unknown }) {
  const { t, language } = useText();
  if (value === null || value === undefined) return <span className="faint">–</span>;
  if (typeof value === "number")
    return <span className="num">{number(value, language, Math.abs(value) < 1 ? 4 : 2)}</span>;
  if (typeof value === "boolean") return <>{t(value ? "traits.yes" : "traits.no")}</>;
  if (typeof value === "string") return INSTANT.test(value) ? <Moment at={value} /> : <>{value}</>;
  const parts = Array.isArray(value)
    ? value.map((one) => String(one))
    : Object.entries(value as Record<string, number>).map(([key, part]) => `${key} ${share(part, language)}`);
  return (
    <Space size={4} wrap>
      {parts.map((one, n) => (
        <Tag key={`${one}-${n}`}>{one}</Tag>
      ))}
    </Space>
  );
}
