/** A tag's document as a form; its rules are conditions, written with the segments' own builder. */

import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { App, Button, Form, Input, InputNumber, Select } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { useCatalogue, useSegments } from "../../api/hooks";
import { type How, type TagDocument, type ValueType, saveTag } from "../../api/marks";
import { useText } from "../../i18n";
import { slug } from "../../lib/slug";
import { EVERYBODY, rooted } from "../../lib/tree";
import { BiFields, TextField } from "../../ui/BiFields";
import { DurationField } from "../../ui/DurationField";
import { useErrorText } from "../../ui/States";
import { ConditionEditor } from "../segments/ConditionEditor";

const HOWS: How[] = ["rule", "model", "manual", "import"];
const TYPES: ValueType[] = ["text", "number", "bool"];
type Change = (part: Partial<TagDocument>) => void;

/** The parts that go with how a tag comes about, and none of the others. */
function fitted(one: TagDocument): TagDocument {
  const { condition, cases, model, ...rest } = one;
  if (one.how === "model") {
    const bands = (model?.cases ?? [{ at_least: 0.5 }]).map((band) => {
      const { value, ...bounds } = band;
      return one.value ? { ...bounds, value: value ?? "" } : bounds;
    });
    return { ...rest, model: { trait: model?.trait ?? "churn_risk", cases: bands } };
  }
  if (one.how !== "rule") return rest;
  if (one.value) return { ...rest, cases: cases ?? [{ value: "", condition: condition ?? EVERYBODY }] };
  return { ...rest, condition: condition ?? cases?.[0]?.condition ?? EVERYBODY };
}

function ValueInput({
  type,
  options,
  value,
  onChange,
  label,
}: {
  type: ValueType;
  options?: string[];
  value: unknown;
  onChange: (value: unknown) => void;
  label: string;
}) {
  if (type === "number")
    return <InputNumber aria-label={label} value={Number(value) || 0} onChange={(next) => onChange(next ?? 0)} />;
  const known = type === "bool" ? ["true", "false"] : options;
  if (known?.length)
    return (
      <Select
        aria-label={label}
        style={{ minWidth: 120 }}
        value={value === "" ? undefined : String(value)}
        onChange={(next: string) => onChange(type === "bool" ? next === "true" : next)}
        options={known.map((one) => ({ value: one, label: one }))}
      />
    );
  return (
    <Input
      aria-label={label}
      style={{ width: 140 }}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function Rule({ one, change }: { one: TagDocument; change: Change }) {
  const { t } = useText();
  const catalogue = useCatalogue().data;
  const segments = useSegments().data?.items ?? [];
  const words = { catalogue, segments };
  if (!one.value) {
    return (
      <ConditionEditor
        tree={rooted(one.condition ?? EVERYBODY)}
        onChange={(condition) => change({ condition })}
        {...words}
      />
    );
  }
  const { type, options } = one.value;
  const cases = one.cases ?? [];
  const put = (at: number, part: Partial<(typeof cases)[number]>) =>
    change({ cases: cases.map((each, n) => (n === at ? { ...each, ...part } : each)) });
  return (
    <div className="stack">
      {cases.map((each, n) => (
        <div key={n} className="stack">
          <div className="filters">
            <strong>{t("tag.case", { n: n + 1 })}</strong>
            <ValueInput
              type={type}
              options={options}
              value={each.value}
              onChange={(value) => put(n, { value })}
              label={t("tag.valueOf", { n: n + 1 })}
            />
            <Button
              type="text"
              icon={<DeleteOutlined aria-hidden />}
              aria-label={t("tag.dropCase", { n: n + 1 })}
              onClick={() => change({ cases: cases.filter((_, at) => at !== n) })}
            />
          </div>
          <ConditionEditor tree={rooted(each.condition)} onChange={(condition) => put(n, { condition })} {...words} />
        </div>
      ))}
      <Button
        icon={<PlusOutlined aria-hidden />}
        onClick={() => change({ cases: [...cases, { value: "", condition: EVERYBODY }] })}
      >
        {t("tag.addCase")}
      </Button>
    </div>
  );
}

function Bands({ one, change }: { one: TagDocument; change: Change }) {
  const { t } = useText();
  const model = one.model ?? { trait: "churn_risk", cases: [{ at_least: 0.5 }] };
  const put = (at: number, part: Record<string, unknown>) =>
    change({ model: { ...model, cases: model.cases.map((each, n) => (n === at ? { ...each, ...part } : each)) } });
  return (
    <div className="stack">
      <Form.Item label={t("tag.score")} htmlFor="tag-score" extra={t("tag.scoreHelp")}>
        <Input
          id="tag-score"
          value={model.trait}
          onChange={(event) => change({ model: { ...model, trait: event.target.value } })}
        />
      </Form.Item>
      {model.cases.map((band, n) => (
        <div key={n} className="filters">
          {one.value && (
            <ValueInput
              type={one.value.type}
              options={one.value.options}
              value={band.value}
              onChange={(value) => put(n, { value })}
              label={t("tag.valueOf", { n: n + 1 })}
            />
          )}
          <span>{t("tag.atLeast")}</span>
          <InputNumber
            aria-label={`${t("tag.atLeast")} ${n + 1}`}
            value={band.at_least ?? null}
            onChange={(next) => put(n, { at_least: next ?? undefined })}
          />
          <span>{t("tag.below")}</span>
          <InputNumber
            aria-label={`${t("tag.below")} ${n + 1}`}
            value={band.below ?? null}
            onChange={(next) => put(n, { below: next ?? undefined })}
          />
          <Button
            type="text"
            icon={<DeleteOutlined aria-hidden />}
            aria-label={t("tag.dropCase", { n: n + 1 })}
            onClick={() => change({ model: { ...model, cases: model.cases.filter((_, at) => at !== n) } })}
          />
        </div>
      ))}
      <div>
        <Button
          icon={<PlusOutlined aria-hidden />}
          onClick={() => change({ model: { ...model, cases: [...model.cases, { at_least: 0 }] } })}
        >
          {t("tag.addBand")}
        </Button>
      </div>
    </div>
  );
}

function Naming({ one, change, isNew }: { one: TagDocument; change: Change; isNew: boolean }) {
  const { t } = useText();
  const follows = isNew && one.id === slug(one.name.en);
  return (
    <div className="halves">
      <BiFields
        id="tag"
        of="name"
        value={one.name}
        onChange={(name) => change({ name, ...(follows ? { id: slug(name.en) } : {}) })}
      />
      {isNew && (
        <TextField
          id="tag-id"
          label={t("tag.id")}
          help={t("segment.idHelp")}
          value={one.id}
          onChange={(id) => change({ id: slug(id) })}
        />
      )}
    </div>
  );
}

function About({ one, change }: { one: TagDocument; change: Change }) {
  const { t } = useText();
  return (
    <div className="halves gap-above">
      <TextField
        id="tag-owner"
        label={t("tag.owner")}
        value={one.owner ?? ""}
        onChange={(owner) => change({ owner })}
      />
      <TextField
        id="tag-category"
        label={t("tag.category")}
        value={one.category ?? ""}
        onChange={(category) => change({ category })}
      />
      <BiFields
        id="tag-about"
        of="about"
        value={one.description ?? { en: "", zh: "" }}
        onChange={(description) => change({ description })}
      />
    </div>
  );
}

function Shape({ one, change }: { one: TagDocument; change: Change }) {
  const { t } = useText();
  const ends = one.expires?.on !== undefined ? "on" : one.expires ? "after" : "never";
  const turn = (to: string) =>
    change({ expires: to === "after" ? { after: "30d" } : to === "on" ? { on: "" } : undefined });
  return (
    <div className="tag-shape gap-below">
      <span className="tag-asked">
        <label htmlFor="tag-how">{t("tag.how")}</label>
        <Select<How>
          id="tag-how"
          style={{ minWidth: 160 }}
          value={one.how}
          onChange={(how) => change({ how })}
          options={HOWS.map((how) => ({ value: how, label: t(`tag.hows.${how}`) }))}
        />
      </span>
      <span className="tag-asked">
        <label htmlFor="tag-value-type">{t("tag.valueType")}</label>
        <Select
          id="tag-value-type"
          style={{ minWidth: 150 }}
          value={one.value?.type ?? "plain"}
          onChange={(type: string) => change({ value: type === "plain" ? undefined : { type: type as ValueType } })}
          options={[
            { value: "plain", label: t("tag.plain") },
            ...TYPES.map((type) => ({ value: type, label: t(`tag.types.${type}`) })),
          ]}
        />
      </span>
      {one.value?.type === "text" && (
        <Select
          mode="tags"
          aria-label={t("tag.options")}
          placeholder={t("tag.options")}
          style={{ minWidth: 200 }}
          value={one.value.options ?? []}
          onChange={(options: string[]) => change({ value: { type: "text", ...(options.length ? { options } : {}) } })}
        />
      )}
      <span className="tag-asked">
        <label htmlFor="tag-expires">{t("tag.expires")}</label>
        <Select
          id="tag-expires"
          style={{ minWidth: 150 }}
          value={ends}
          onChange={turn}
          options={["never", "after", "on"].map((way) => ({ value: way, label: t(`tag.ends.${way}`) }))}
        />
      </span>
      {ends === "after" && (
        <DurationField
          label={t("tag.expires")}
          value={one.expires?.after ?? "30d"}
          onChange={(after) => change({ expires: { after: after ?? "30d" } })}
        />
      )}
      {ends === "on" && (
        <Input
          type="date"
          aria-label={t("tag.lastDay")}
          style={{ width: 170 }}
          value={one.expires?.on ?? ""}
          onChange={(event) => change({ expires: { on: event.target.value } })}
        />
      )}
    </div>
  );
}

export function TagForm({ saved, isNew }: { saved: TagDocument; isNew: boolean }) {
  const { t } = useText();
  const { message } = App.useApp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const [one, setOne] = useState(() => fitted(saved));
  const [busy, setBusy] = useState(false);
  const change: Change = (part) => setOne((before) => fitted({ ...before, ...part }));
  const save = async () => {
    setBusy(true);
    try {
      const { en, zh } = one.name;
      await saveTag({ ...one, name: { en: en || zh, zh: zh || en } });
      await Promise.all(["tag", "tags"].map((key) => client.invalidateQueries({ queryKey: [key] })));
      message.success(t("tag.saved"));
      if (isNew) await navigate(`/tags/${one.id}`, { replace: true });
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form layout="vertical">
      <Naming one={one} change={change} isNew={isNew} />
      <Shape one={one} change={change} />
      {one.how === "rule" && <Rule one={one} change={change} />}
      {one.how === "model" && <Bands one={one} change={change} />}
      {one.how === "import" && <p className="faint">{t("tag.importHelp")}</p>}
      {one.how === "manual" && <p className="faint">{t("tag.manualHelp")}</p>}
      <About one={one} change={change} />
      <Button
        type="primary"
        loading={busy}
        disabled={!one.id || !(one.name.en || one.name.zh)}
        onClick={() => void save()}
      >
        {t("tag.saveDraft")}
      </Button>
    </Form>
  );
}
