/** Who she is beside her traits: a tag, a place, near a point, among the first by a number. */

import { AutoComplete, InputNumber, Select } from "antd";

import { useDefinitions } from "../../api/hooks";
import type { Bi, Catalogue, Condition } from "../../api/types";
import { useText } from "../../i18n";
import { fitValue } from "../../lib/tree";
import { CircleFields } from "./Narrowing";
import { ValueField } from "./ValueField";

type Of<K extends Condition["type"]> = Extract<Condition, { type: K }>;
const TAG_OPS = ["exists", "not_exists", "eq", "ne", "in", "gt", "gte", "lt", "lte"];
const LEVELS = ["country", "region", "city"] as const;

export function TagFields({ node, onChange }: { node: Of<"tag">; onChange: (node: Of<"tag">) => void }) {
  const { t, bi } = useText();
  const tags = useDefinitions<{ id: string; name: Bi }>("tag");
  const options = (tags.data?.items ?? []).map((one) => ({ value: one.id, label: bi(one.name) || one.id }));
  const number = ["gt", "gte", "lt", "lte"].includes(node.op) || typeof node.value === "number";
  const setOp = (op: string) => {
    const value = fitValue(node.value ?? (["gt", "gte", "lt", "lte"].includes(op) ? 0 : ""), op);
    onChange({ ...node, op, value });
  };
  return (
    <>
      <span className="faint">{t("condition.tag")}</span>
      <AutoComplete
        aria-label={t("condition.tag")}
        style={{ width: 190 }}
        showSearch={{ filterOption: (typed, option) => `${option?.value} ${option?.label}`.includes(typed) }}
        value={node.tag}
        onChange={(tag: string) => onChange({ ...node, tag })}
        options={options}
        placeholder={t("condition.tagHint")}
      />
      <Select
        aria-label={t("condition.op")}
        style={{ minWidth: 110 }}
        value={node.op}
        onChange={setOp}
        options={[...new Set([node.op, ...TAG_OPS])].map((op) => ({
          value: op,
          label: t(`op.${op}`, { defaultValue: op }),
        }))}
      />
      <ValueField
        type={number ? "number" : "string"}
        op={node.op}
        value={node.value}
        onChange={(value) => onChange({ ...node, value })}
      />
    </>
  );
}

export function PlaceFields(props: {
  node: Of<"place">;
  onChange: (node: Of<"place">) => void;
  catalogue: Catalogue | undefined;
}) {
  const { t } = useText();
  const { node, onChange } = props;
  const known = props.catalogue?.traits.find((one) => one.name === node.level)?.examples ?? [];
  return (
    <>
      <span className="faint">{t("condition.livesIn")}</span>
      <Select
        aria-label={t("condition.placeLevel")}
        style={{ minWidth: 100 }}
        value={node.level}
        onChange={(level: Of<"place">["level"]) => onChange({ ...node, level, places: [] })}
        options={LEVELS.map((level) => ({ value: level, label: t(`place.${level}`) }))}
      />
      <Select
        mode="tags"
        aria-label={t("condition.places")}
        style={{ minWidth: 240 }}
        placeholder={t("condition.placesHint")}
        value={node.places}
        onChange={(places: string[]) => onChange({ ...node, places })}
        options={[...new Set(known.map(String))].map((one) => ({ value: one, label: one }))}
      />
    </>
  );
}

export function NearFields({ node, onChange }: { node: Of<"near">; onChange: (node: Of<"near">) => void }) {
  const { t } = useText();
  return (
    <>
      <span className="faint">{t("condition.near")}</span>
      <CircleFields circle={node} onChange={onChange} />
    </>
  );
}

export function TopFields(props: {
  node: Of<"top">;
  onChange: (node: Of<"top">) => void;
  catalogue: Catalogue | undefined;
}) {
  const { t, bi } = useText();
  const { node, onChange } = props;
  const numbers = (props.catalogue?.traits ?? []).filter((one) => one.type === "number");
  const options = numbers.map((one) => ({ value: one.name, label: bi(one.label) || one.name }));
  const known = options.some((one) => one.value === node.trait);
  const unit = node.percent ? "percent" : "n";
  return (
    <>
      <span className="faint">{t("condition.among")}</span>
      <InputNumber
        aria-label={t("condition.howMany")}
        min={unit === "n" ? 1 : 0.01}
        max={unit === "n" ? 1_000_000 : 100}
        precision={unit === "n" ? 0 : 2}
        style={{ width: 104 }}
        value={node.percent ?? node.n ?? 1}
        onChange={(value) => onChange({ ...node, [unit]: value ?? 1 })}
      />
      <Select
        aria-label={t("condition.unit")}
        style={{ minWidth: 92 }}
        value={unit}
        onChange={(next: "n" | "percent") =>
          onChange(next === "n" ? { ...node, n: 100, percent: undefined } : { ...node, percent: 10, n: undefined })
        }
        options={[
          { value: "n", label: t("condition.topN") },
          { value: "percent", label: "%" },
        ]}
      />
      <Select
        aria-label={t("condition.order")}
        style={{ minWidth: 104 }}
        value={node.order ?? "highest"}
        onChange={(order: "highest" | "lowest") => onChange({ ...node, order })}
        options={(["highest", "lowest"] as const).map((one) => ({ value: one, label: t(`condition.${one}`) }))}
      />
      <Select
        showSearch={{ optionFilterProp: "label" }}
        aria-label={t("customer.trait")}
        style={{ minWidth: 180 }}
        value={node.trait || undefined}
        onChange={(trait: string) => onChange({ ...node, trait })}
        options={known || !node.trait ? options : [{ value: node.trait, label: node.trait }, ...options]}
      />
    </>
  );
}
