/** The form of a new model: what it is about, from which features, how far back. It is trained as soon as it is saved. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Form, Input, InputNumber, Modal, Select, Switch } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";

import { useCatalogue, useSegments } from "../../api/hooks";
import { saveModel, trainModel, useModels, type Kind } from "../../api/models";
import { useText } from "../../i18n";
import { slug } from "../../lib/slug";
import { DurationField } from "../../ui/DurationField";
import { useErrorText } from "../../ui/States";
import { addressOf, FAMILIES } from "./kinds";

interface Answers {
  name: string;
  id: string;
  seed_segment?: string;
  among?: string;
  families?: string[];
  lookback: string;
  k?: number | null;
  item?: string;
  basket?: string;
  min_support?: number;
  max_items?: number;
  about?: "segment" | "trait";
  segment?: string;
  trait?: string;
  value?: string;
  horizon?: string | null;
  new_only?: boolean;
  model?: string;
}

const typed = (text: string | undefined) => {
  if (text === "true" || text === "false") return text === "true";
  return text && !Number.isNaN(Number(text)) ? Number(text) : text;
};

/** The document that the answers make. */
export function documentOf(kind: Kind, a: Answers): Record<string, unknown> {
  const all = { kind, id: a.id, name: { en: a.name, zh: a.name }, ...(a.among ? { among: a.among } : {}) };
  if (kind === "association") {
    const { item, basket, min_support, max_items, lookback } = a;
    return { ...all, item, basket, min_support: (min_support ?? 1) / 100, max_items, lookback };
  }
  const features = { lookback: a.lookback, ...(a.families?.length ? { families: a.families } : {}) };
  if (kind === "lookalike") return { ...all, features, seed_segment: a.seed_segment };
  if (kind === "clustering") return { ...all, features, ...(a.k ? { k: a.k } : {}) };
  const label = a.about === "trait" ? { trait: a.trait, value: typed(a.value) } : { segment: a.segment };
  return {
    ...all,
    features,
    label,
    model: a.model,
    new_only: a.new_only,
    ...(a.horizon ? { horizon: a.horizon } : {}),
  };
}

export function NewModel({ kind, close }: { kind: Kind; close: () => void }) {
  const { t, bi } = useText();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const client = useQueryClient();
  const segments = useSegments();
  const catalogue = useCatalogue();
  const [form] = Form.useForm<Answers>();
  const known = useModels(kind).data?.items.map((one) => one.id) ?? [];
  const [busy, setBusy] = useState(false);
  const about = Form.useWatch("about", form) ?? "segment";
  const chosen = segments.data?.items.map((one) => ({ value: one.id, label: bi(one.name) || one.id })) ?? [];
  const traits = catalogue.data?.traits.map((one) => ({ value: one.name, label: one.name })) ?? [];

  const submit = async (answers: Answers) => {
    setBusy(true);
    try {
      await saveModel(kind, answers.id, documentOf(kind, answers));
      const { job_id } = await trainModel(kind, answers.id);
      await client.invalidateQueries({ queryKey: ["models", kind] });
      close();
      // The model's page goes on with this job: what it ends with is said there, however soon.
      await navigate(`${addressOf[kind]}/${encodeURIComponent(answers.id)}`, { state: { job: job_id } });
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const segment = (field: "seed_segment" | "among" | "segment", label: string, required: boolean) => (
    <Form.Item name={field} label={label} rules={required ? [{ required: true, message: t("models.needed") }] : []}>
      <Select allowClear={!required} showSearch={{ optionFilterProp: "label" }} options={chosen} />
    </Form.Item>
  );
  return (
    <Modal
      open
      width={640}
      title={t(`models.${kind}.new`)}
      okText={t("models.saveAndTrain")}
      confirmLoading={busy}
      onCancel={close}
      onOk={() => form.submit()}
    >
      <Form<Answers>
        form={form}
        layout="vertical"
        onFinish={(answers) => void submit(answers)}
        onValuesChange={(changed) => {
          if (changed.name !== undefined && !form.isFieldTouched("id"))
            form.setFieldValue("id", slug(changed.name, "-"));
        }}
        initialValues={{
          lookback: "365d",
          item: "category",
          basket: "order",
          min_support: 1,
          max_items: 3,
          about: "segment",
          new_only: true,
          model: "logistic",
        }}
      >
        <div className="halves">
          <Form.Item name="name" label={t("models.name")} rules={[{ required: true, message: t("models.needed") }]}>
            <Input />
          </Form.Item>
          <Form.Item
            name="id"
            label={t("models.id")}
            rules={[
              { required: true, pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, message: t("models.idHelp") },
              {
                validator: (_, id: string) =>
                  known.includes(id) ? Promise.reject(new Error(t("models.idTaken"))) : Promise.resolve(),
              },
            ]}
          >
            <Input />
          </Form.Item>
        </div>
        {kind === "lookalike" && segment("seed_segment", t("models.lookalike.seed"), true)}
        {kind === "clustering" && (
          <Form.Item name="k" label={t("models.clustering.k")} extra={t("models.clustering.kHelp")}>
            <InputNumber min={2} max={20} />
          </Form.Item>
        )}
        {kind === "association" && (
          <div className="halves">
            <Form.Item name="item" label={t("models.association.item")}>
              <Select
                options={["category", "product", "brand"].map((v) => ({ value: v, label: t(`models.item.${v}`) }))}
              />
            </Form.Item>
            <Form.Item name="basket" label={t("models.association.basket")}>
              <Select options={["order", "customer"].map((v) => ({ value: v, label: t(`models.basket.${v}`) }))} />
            </Form.Item>
            <Form.Item name="min_support" label={t("models.association.minSupport")}>
              <InputNumber min={0.01} max={100} step={0.1} suffix="%" />
            </Form.Item>
            <Form.Item name="max_items" label={t("models.association.maxItems")}>
              <InputNumber min={2} max={5} />
            </Form.Item>
          </div>
        )}
        {kind === "classification" && (
          <>
            <div className="halves">
              <Form.Item name="about" label={t("models.classification.about")}>
                <Select options={["segment", "trait"].map((v) => ({ value: v, label: t(`models.about.${v}`) }))} />
              </Form.Item>
              {about === "segment" ? (
                segment("segment", t("models.about.segment"), true)
              ) : (
                <Form.Item
                  name="trait"
                  label={t("models.about.trait")}
                  rules={[{ required: true, message: t("models.needed") }]}
                >
                  <Select showSearch options={traits} />
                </Form.Item>
              )}
              {about === "trait" && (
                <Form.Item
                  name="value"
                  label={t("models.classification.value")}
                  rules={[{ required: true, message: t("models.needed") }]}
                >
                  <Input />
                </Form.Item>
              )}
              <Form.Item
                name="horizon"
                label={t("models.classification.horizon")}
                extra={t("models.classification.horizonHelp")}
              >
                <DurationField
                  optional
                  label={t("models.classification.horizon")}
                  value={null}
                  onChange={() => undefined}
                />
              </Form.Item>
            </div>
            <div className="halves">
              <Form.Item name="new_only" label={t("models.classification.newOnly")} valuePropName="checked">
                <Switch />
              </Form.Item>
              <Form.Item name="model" label={t("models.method")}>
                <Select
                  options={["logistic", "boosting"].map((v) => ({ value: v, label: t(`models.methods.${v}`) }))}
                />
              </Form.Item>
            </div>
          </>
        )}
        {kind !== "association" && (
          <Form.Item name="families" label={t("models.families")} extra={t("models.familiesHelp")}>
            <Select mode="multiple" options={FAMILIES.map((v) => ({ value: v, label: t(`models.family.${v}`) }))} />
          </Form.Item>
        )}
        <div className="halves">
          {segment("among", t("models.among"), false)}
          <Form.Item name="lookback" label={t("models.lookback")}>
            <DurationField label={t("models.lookback")} value={null} onChange={() => undefined} />
          </Form.Item>
        </div>
      </Form>
    </Modal>
  );
}
