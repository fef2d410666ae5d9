/** "Her lifecycle stage is dormant": a trait, an operator that fits its type, a value. */

import { Select } from "antd";

import type { Catalogue, Condition, ValueType } from "../../api/types";
import { useText } from "../../i18n";
import { firstValue, fitValue } from "../../lib/tree";
import { ValueField } from "./ValueField";

type Trait = Extract<Condition, { type: "trait" }>;
const PLAIN: string[] = ["eq", "ne", "in", "not_in", "exists", "not_exists"];

export function operatorsOf(catalogue: Catalogue | undefined, type: ValueType): string[] {
  return catalogue?.operators[type] ?? PLAIN;
}

/** The type of a trait that nobody has yet, by the value it is compared with. */
function typeOf(value: unknown): ValueType {
  return typeof value === "boolean" || typeof value === "number" ? (typeof value as ValueType) : "string";
}

interface Props {
  node: Trait;
  onChange: (node: Trait) => void;
  catalogue: Catalogue | undefined;
}

export function TraitFields({ node, onChange, catalogue }: Props) {
  const { t, bi } = useText();
  const trait = catalogue?.traits.find((one) => one.name === node.name);
  const type = trait?.type ?? typeOf(node.value);
  const operators = operatorsOf(catalogue, type);
  const choose = (name: string) => {
    const next = catalogue?.traits.find((one) => one.name === name);
    const nextType = next?.type ?? "string";
    const op = operatorsOf(catalogue, nextType)[0] ?? "eq";
    onChange({ type: "trait", name, op, value: fitValue(next?.examples[0] ?? firstValue(nextType), op) });
  };
  const options = (catalogue?.traits ?? []).map((one) => ({ value: one.name, label: bi(one.label) || one.name }));
  const known = options.some((one) => one.value === node.name) || node.name === "";
  return (
    <>
      <Select
        showSearch={{ optionFilterProp: "label" }}
        aria-label={t("customer.trait")}
        style={{ minWidth: 190 }}
        value={node.name || undefined}
        onChange={choose}
        options={known ? options : [{ value: node.name, label: node.name }, ...options]}
        placeholder={t("customer.trait")}
      />
      <Select
        aria-label={t("condition.op")}
        style={{ minWidth: 110 }}
        value={node.op}
        onChange={(op: string) => onChange({ ...node, op, value: fitValue(node.value, op) })}
        options={[...new Set([node.op, ...operators])].map((op) => ({
          value: op,
          label: t(`op.${op}`, { defaultValue: op }),
        }))}
      />
      <ValueField
        type={type}
        op={node.op}
        value={node.value}
        examples={trait?.examples}
        onChange={(value) => onChange({ ...node, value })}
      />
    </>
  );
}
