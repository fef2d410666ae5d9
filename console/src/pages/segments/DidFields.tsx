/** "Ordered at least twice in 90 days", or "did not order on a weekend this month": an event, its measure, its window. */

import { InputNumber, Select } from "antd";

import type { Catalogue, Condition } from "../../api/types";
import { useText } from "../../i18n";
import { EventSelect, Narrowing } from "./Narrowing";
import { WindowField } from "./WindowField";

type Did = Extract<Condition, { type: "did" }>;
type Node = Did | Extract<Condition, { type: "absent" }>;
type Measure = NonNullable<Did["measure"]>;
const COMPARE = ["gte", "gt", "eq", "lt", "lte"];
const MEASURES: Measure[] = ["count", "sum", "first", "last"];

interface Props {
  node: Node;
  onChange: (node: Node) => void;
  catalogue: Catalogue | undefined;
}

function MeasureFields({
  node,
  onChange,
  catalogue,
}: {
  node: Did;
  onChange: (node: Did) => void;
  catalogue: Catalogue | undefined;
}) {
  const { t } = useText();
  const properties = catalogue?.events.find((one) => one.name === node.event)?.properties ?? [];
  const numbers = properties.filter((one) => one.type === "number").map((one) => one.name);
  const measure = node.measure ?? "count";
  const choose = (next: Measure) =>
    onChange({
      ...node,
      measure: next,
      property: next === "count" ? undefined : (node.property ?? numbers[0] ?? "revenue"),
    });
  return (
    <>
      <Select<Measure>
        aria-label={t("condition.measure")}
        style={{ minWidth: 110 }}
        value={measure}
        onChange={choose}
        options={MEASURES.filter((one) => one === "count" || one === "sum" || one === measure).map((one) => ({
          value: one,
          label: t(`measure.${one}`),
        }))}
      />
      {measure !== "count" && (
        <Select
          aria-label={t("condition.property")}
          style={{ minWidth: 120 }}
          value={node.property ?? undefined}
          onChange={(property: string) => onChange({ ...node, property })}
          options={[...new Set([...(node.property ? [node.property] : []), ...numbers])].map((name) => ({
            value: name,
            label: name,
          }))}
        />
      )}
      <Select
        aria-label={t("condition.op")}
        style={{ minWidth: 92 }}
        value={node.op}
        onChange={(op: string) => onChange({ ...node, op })}
        options={[...new Set([node.op, ...COMPARE])].map((op) => ({
          value: op,
          label: t(`op.${op}`, { defaultValue: op }),
        }))}
      />
      <InputNumber
        aria-label={t("condition.value")}
        style={{ width: 100 }}
        min={0}
        value={Number(node.value) || 0}
        onChange={(value) => onChange({ ...node, value: value ?? 0 })}
      />
    </>
  );
}

export function DidFields({ node, onChange, catalogue }: Props) {
  const { t } = useText();
  return (
    <>
      <span className="faint">{t(node.type === "did" ? "condition.did" : "condition.absent")}</span>
      <EventSelect node={node} onChange={onChange} catalogue={catalogue} />
      {node.type === "did" && <MeasureFields node={node} onChange={onChange} catalogue={catalogue} />}
      <WindowField optional={!node.clock} node={node} onChange={(window) => onChange({ ...node, ...window })} />
      <Narrowing
        node={node}
        onChange={(next) => onChange(next.clock && !next.within && !next.during ? { ...next, within: "30d" } : next)}
        catalogue={catalogue}
      />
    </>
  );
}
