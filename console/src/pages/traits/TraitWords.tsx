/** What a trait is called, in which group it stands, who answers for it and for whom its value is. */

import { Form, Input, Select } from "antd";

import { GROUPS, type TraitDocument } from "../../api/traits";
import { useText } from "../../i18n";

const SENSITIVITIES = ["public", "internal", "personal", "sensitive"] as const;

interface Props {
  one: TraitDocument;
  change: (part: Partial<TraitDocument>) => void;
  isNew: boolean;
}

const idOf = (text: string) => text.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^[^A-Za-z]+/, "");

export function TraitWords({ one, change, isNew }: Props) {
  const { t } = useText();
  const text = (id: string, label: string, value: string, set: (value: string) => void) => (
    <Form.Item label={label} htmlFor={id}>
      <Input id={id} value={value} onChange={(event) => set(event.target.value)} />
    </Form.Item>
  );
  const said = one.description ?? { en: "", zh: "" };
  const unit = one.unit ?? { en: "", zh: "" };
  return (
    <div className="halves">
      {text("trait-zh", t("traits.nameZh"), one.name.zh, (zh) => change({ name: { ...one.name, zh } }))}
      {text("trait-en", t("traits.nameEn"), one.name.en, (en) =>
        change({ name: { ...one.name, en }, ...(isNew && one.id === idOf(one.name.en) ? { id: idOf(en) } : {}) }),
      )}
      {isNew && text("trait-id", t("traits.id"), one.id, (id) => change({ id: idOf(id) }))}
      {text("trait-owner", t("traits.owner"), one.owner ?? "", (owner) => change({ owner }))}
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
      {text("trait-unit-zh", t("traits.unitZh"), unit.zh, (zh) => change({ unit: { ...unit, zh } }))}
      {text("trait-unit-en", t("traits.unitEn"), unit.en, (en) => change({ unit: { ...unit, en } }))}
      {text("trait-about-zh", t("traits.aboutZh"), said.zh, (zh) => change({ description: { ...said, zh } }))}
      {text("trait-about-en", t("traits.aboutEn"), said.en, (en) => change({ description: { ...said, en } }))}
    </div>
  );
}
