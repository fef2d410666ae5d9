/** "Ordered at least twice in 90 days", or "never viewed a product in 30": an event, its measure, its window. */

import { PlusOutlined } from "@ant-design/icons";
import { Button, InputNumber, Select } from "antd";

import type { Catalogue, Condition, Where } from "../../api/types";
import { useText } from "../../i18n";
import { DurationField } from "../../ui/DurationField";
import { WhereRow } from "./WhereRow";

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
  const { t, code } = useText();
  const events = catalogue?.events ?? [];
  const event = events.find((one) => one.name === node.event);
  const where = node.where ?? [];
  const setWhere = (next: Where[]) => onChange({ ...node, where: next });
  const firstProperty = event?.properties[0]?.name ?? "";
  return (
    <>
      <span className="faint">{t(node.type === "did" ? "condition.did" : "condition.absent")}</span>
      <Select
        showSearch={{ optionFilterProp: "label" }}
        aria-label={t("condition.event")}
        style={{ minWidth: 180 }}
        value={node.event}
        onChange={(name: string) => onChange({ ...node, event: name, where: [] })}
        options={[...new Set([node.event, ...events.map((one) => one.name)])].map((name) => ({
          value: name,
          label: code("event", name),
        }))}
      />
      {node.type === "did" && <MeasureFields node={node} onChange={onChange} catalogue={catalogue} />}
      <span className="faint">{t("condition.within")}</span>
      <DurationField
        label={t("condition.within")}
        optional
        value={node.within ?? null}
        onChange={(within) => onChange({ ...node, within: within ?? undefined })}
      />
      {where.map((one, index) => (
        <WhereRow
          key={index}
          where={one}
          properties={event?.properties ?? []}
          catalogue={catalogue}
          onChange={(changed) => setWhere(where.map((each, position) => (position === index ? changed : each)))}
          onRemove={() => setWhere(where.filter((_, position) => position !== index))}
        />
      ))}
      <Button
        size="small"
        type="link"
        icon={<PlusOutlined aria-hidden />}
        onClick={() => setWhere([...where, { property: firstProperty, op: "eq", value: "" }])}
      >
        {t("condition.where")}
      </Button>
    </>
  );
}
