import { CloseOutlined } from "@ant-design/icons";
import { AutoComplete, Button, Select } from "antd";

import type { Catalogue, Where } from "../../api/types";
import { useText } from "../../i18n";
import { fitValue } from "../../lib/tree";
import { operatorsOf } from "./TraitFields";
import { ValueField } from "./ValueField";

interface Props {
  where: Where;
  properties: Catalogue["events"][number]["properties"];
  catalogue: Catalogue | undefined;
  onChange: (where: Where) => void;
  onRemove: () => void;
}

/** One condition on a property of the event. */
export function WhereRow({ where, properties, catalogue, onChange, onRemove }: Props) {
  const { t } = useText();
  const property = properties.find((one) => one.name === where.property);
  const type = property?.type ?? "string";
  return (
    <div className="cond-where">
      <span className="faint">{t("condition.whose")}</span>
      <AutoComplete
        aria-label={t("condition.property")}
        style={{ width: 150 }}
        value={where.property}
        onChange={(name: string) => onChange({ ...where, property: name })}
        options={properties.map((one) => ({ value: one.name }))}
      />
      <Select
        aria-label={t("condition.op")}
        style={{ minWidth: 100 }}
        value={where.op}
        onChange={(op: string) => onChange({ ...where, op, value: fitValue(where.value, op) })}
        options={[...new Set([where.op, ...operatorsOf(catalogue, type)])].map((op) => ({
          value: op,
          label: t(`op.${op}`, { defaultValue: op }),
        }))}
      />
      <ValueField
        type={type}
        op={where.op}
        value={where.value}
        examples={property?.examples}
        onChange={(value) => onChange({ ...where, value })}
      />
      <Button
        size="small"
        type="text"
        icon={<CloseOutlined aria-hidden />}
        aria-label={t("action.remove")}
        onClick={onRemove}
      />
    </div>
  );
}
