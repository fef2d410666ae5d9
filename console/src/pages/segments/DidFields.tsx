/** "Ordered at least twice in 90 days", or "did not order on a weekend this month": an event, its measure, its window. */

import { InputNumber, Select } from "antd";

import type { Catalogue, Condition, ValueType } from "../../api/types";
import { useText } from "../../i18n";
import { fitValue, measured, valued } from "../../lib/tree";
import { EventSelect, Narrowing } from "./Narrowing";
import { operatorsOf } from "./TraitFields";
import { ValueField } from "./ValueField";
import { WindowField } from "./WindowField";

type Did = Extract<Condition, { type: "did" }>;
type Node = Did | Extract<Condition, { type: "absent" }>;
type Measure = NonNullable<Did["measure"]>;
const COMPARE = ["gte", "gt", "eq", "ne", "lt", "lte"];
const MEASURES: Measure[] = ["count", "sum", "first", "last"];

interface Props {
  node: Node;
  onChange: (node: Node) => void;
  catalogue: Catalogue | undefined;
}

interface MeasureProps {
  node: Did;
  onChange: (node: Did) => void;
  catalogue: Catalogue | undefined;
}

/** What the measure is compared with: a number of times, an amount, or the value that the event carried. */
function MeasureValue({ node, onChange, type, examples }: MeasureProps & { type: ValueType; examples: unknown[] }) {
  const { t } = useText();
  if (node.measure === "first" || node.measure === "last") {
    return (
      <ValueField
        type={type}
        op={node.op}
        value={node.value}
        examples={examples}
        onChange={(value) => onChange({ ...node, value: value })}
      />
    );
  }
  const counted = node.measure !== "sum";
  return (
    <InputNumber
      aria-label={t("condition.value")}
      style={{ width: counted ? 100 : 130 }}
      {...(counted ? { min: 0, max: 10_000, precision: 0 } : {})}
      value={Number(node.value) || 0}
      onChange={(value) => onChange({ ...node, value: value ?? 0 })}
    />
  );
}

function MeasureFields({ node, onChange, catalogue }: MeasureProps) {
  const { t } = useText();
  const properties = catalogue?.events.find((one) => one.name === node.event)?.properties ?? [];
  const measure = node.measure ?? "count";
  const single = measure === "first" || measure === "last";
  const property = properties.find((one) => one.name === node.property);
  const type = property?.type ?? "string";
  const names = properties.filter((one) => single || one.type === "number").map((one) => one.name);
  const operators = single ? operatorsOf(catalogue, type) : COMPARE;
  return (
    <>
      <Select<Measure>
        aria-label={t("condition.measure")}
        style={{ minWidth: 110 }}
        value={measure}
        onChange={(next) => onChange(measured(node, next, properties))}
        options={MEASURES.map((one) => ({ value: one, label: t(`measure.${one}`) }))}
      />
      {measure !== "count" && (
        <Select
          showSearch
          aria-label={t("condition.property")}
          style={{ minWidth: 120 }}
          popupMatchSelectWidth={false}
          value={node.property || undefined}
          onChange={(name: string) => onChange(single ? valued(node, name, properties) : { ...node, property: name })}
          options={[...new Set([...(node.property ? [node.property] : []), ...names])].map((name) => ({
            value: name,
            label: name,
          }))}
        />
      )}
      <Select
        aria-label={t("condition.op")}
        style={{ minWidth: 92 }}
        value={node.op}
        onChange={(op: string) => onChange({ ...node, op, value: fitValue(node.value, op) })}
        options={[...new Set([node.op, ...operators])].map((op) => ({
          value: op,
          label: t(`op.${op}`, { defaultValue: op }),
        }))}
      />
      <MeasureValue
        node={node}
        onChange={onChange}
        catalogue={catalogue}
        type={type}
        examples={property?.examples ?? []}
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
