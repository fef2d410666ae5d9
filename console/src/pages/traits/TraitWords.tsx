/** What a trait is called, in which group it stands, who answers for it and for whom its value is. */

import { Form, Select } from "antd";

import { GROUPS, type TraitDocument } from "../../api/traits";
import { useText } from "../../i18n";
import { BiFields, TextField } from "../../ui/BiFields";

const SENSITIVITIES = ["public", "internal", "personal", "sensitive"] as const;

interface Props {
  one: TraitDocument;
  change: (part: Partial<TraitDocument>) => void;
}

const NONE = { en: "", zh: "" };

const idOf = (text: string) => text.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^[^A-Za-z]+/, "");

export function TraitNaming({ one, change, isNew }: Props & { isNew: boolean }) {
  const { t } = useText();
  const follows = isNew && one.id === idOf(one.name.en);
  return (
    <div className="halves">
      <BiFields
        id="trait"
        of="name"
        value={one.name}
        onChange={(name) => change({ name, ...(follows ? { id: idOf(name.en) } : {}) })}
      />
      {isNew && (
        <TextField id="trait-id" label={t("traits.id")} value={one.id} onChange={(id) => change({ id: idOf(id) })} />
      )}
    </div>
  );
}

/** What is said of it beside what it measures. */
export function TraitWords({ one, change }: Props) {
  const { t } = useText();
  return (
    <div className="halves">
      <BiFields id="trait-unit" of="unit" value={one.unit ?? NONE} onChange={(unit) => change({ unit })} />
      <BiFields
        id="trait-about"
        of="about"
        value={one.description ?? NONE}
        onChange={(description) => change({ description })}
      />
      <Form.Item label={t("traits.group")} htmlFor="trait-group">
        <Select
          id="trait-group"
          value={one.group ?? "behaviour"}
          onChange={(group: string) => change({ group })}
          options={GROUPS.map((group) => ({ value: group, label: t(`traits.groups.${group}`) }))}
        />
      </Form.Item>
      <Form.Item label={t("traits.sensitivity")} htmlFor="trait-sensitivity">
        <Select
          id="trait-sensitivity"
          value={one.sensitivity ?? "internal"}
          onChange={(sensitivity: string) => change({ sensitivity })}
          options={SENSITIVITIES.map((each) => ({ value: each, label: t(`traits.sensitivities.${each}`) }))}
        />
      </Form.Item>
      <TextField
        id="trait-owner"
        label={t("traits.owner")}
        value={one.owner ?? ""}
        onChange={(owner) => change({ owner })}
      />
    </div>
  );
}
