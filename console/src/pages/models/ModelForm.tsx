/** The form of a model: what it is about, from which features, how far back. A new one is trained as soon as it is saved. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, InputNumber, Modal, Select, Space, Switch } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";

import { ApiError } from "../../api/client";
import { useCatalogue, useSegments } from "../../api/hooks";
import { saveModel, trainModel, useModels, type Kind } from "../../api/models";
import { useText } from "../../i18n";
import { slug } from "../../lib/slug";
import { DurationField } from "../../ui/DurationField";
import { useErrorText } from "../../ui/States";
import { type Answers, answersOf, askedAt, changedOf, type Document, documentOf } from "./answers";
import { addressOf, FAMILIES } from "./kinds";

type Then = "save" | "train";

interface FooterProps {
  changes: boolean;
  busy: Then | null;
  close: () => void;
  submit: (then: Then) => void;
}

function Footer({ changes, busy, close, submit }: FooterProps) {
  const { t } = useText();
  return (
    <Space wrap style={{ justifyContent: "flex-end" }}>
      <Button onClick={close}>{t("action.cancel")}</Button>
      {changes && (
        <Button loading={busy === "save"} disabled={busy !== null} onClick={() => submit("save")}>
          {t("action.save")}
        </Button>
      )}
      <Button type="primary" loading={busy === "train"} disabled={busy !== null} onClick={() => submit("train")}>
        {t("models.saveAndTrain")}
      </Button>
    </Space>
  );
}

function Before({ changes }: { changes: boolean }) {
  const { t } = useText();
  return changes && <p className="section-help gap-below">{t("models.editHelp")}</p>;
}

interface Props {
  kind: Kind;
  /** The model that is changed; a new one is made where there is none. */
  of?: { id: string; document: Document };
  /** Of a model that is changed: told the job that was begun. */
  begun?: (job: string) => void;
  close: () => void;
}

export function ModelForm({ kind, of, begun, close }: Props) {
  const { t, bi, language } = useText();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const client = useQueryClient();
  const segments = useSegments();
  const catalogue = useCatalogue();
  const [form] = Form.useForm<Answers>();
  const known = useModels(kind).data?.items.map((one) => one.id) ?? [];
  const [busy, setBusy] = useState<Then | null>(null);
  const about = Form.useWatch("about", form) ?? "segment";
  const chosen = segments.data?.items.map((one) => ({ value: one.id, label: bi(one.name) || one.id })) ?? [];
  const traits = catalogue.data?.traits.map((one) => ({ value: one.name, label: one.name })) ?? [];

  const refuse = (error: unknown) => {
    const field = error instanceof ApiError ? askedAt(error.field) : null;
    if (field === null || !(field in form.getFieldsValue())) message.error(errorText(error));
    else form.setFields([{ name: field, errors: [errorText(error)] }]);
  };
  const submit = async (then: Then) => {
    const answers = await form.validateFields().catch(() => null);
    if (answers === null) return;
    setBusy(then);
    const id = of?.id ?? answers.id;
    try {
      const asked = { ...answers, id };
      await saveModel(kind, id, of ? changedOf(kind, of.document, asked, language) : documentOf(kind, asked));
      const job = then === "train" ? (await trainModel(kind, id)).job_id : undefined;
      await Promise.all(
        [
          ["models", kind],
          ["model", kind, id],
        ].map((queryKey) => client.invalidateQueries({ queryKey })),
      );
      close();
      if (of) return job ? begun?.(job) : void message.success(t("models.saved"));
      // The model's page goes on with this job: what it ends with is said there, however soon.
      await navigate(`${addressOf[kind]}/${encodeURIComponent(id)}`, { state: { job } });
    } catch (error) {
      refuse(error);
    } finally {
      setBusy(null);
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
      title={of ? t("models.edit") : t(`models.${kind}.new`)}
      onCancel={close}
      footer={<Footer changes={of !== undefined} busy={busy} close={close} submit={(then) => void submit(then)} />}
    >
      <Before changes={of !== undefined} />
      <Form<Answers>
        form={form}
        layout="vertical"
        onFinish={() => void submit("train")}
        onValuesChange={(changed) => {
          if (!of && changed.name !== undefined && !form.isFieldTouched("id"))
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
          ...(of && answersOf(kind, of.document, language)),
        }}
      >
        <div className="halves">
          <Form.Item name="name" label={t("models.name")} rules={[{ required: true, message: t("models.needed") }]}>
            <Input />
          </Form.Item>
          <Form.Item
            name="id"
            label={t("models.id")}
            rules={
              of
                ? []
                : [
                    { required: true, pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, message: t("models.idHelp") },
                    {
                      validator: (_, id: string) =>
                        known.includes(id) ? Promise.reject(new Error(t("models.idTaken"))) : Promise.resolve(),
                    },
                  ]
            }
          >
            <Input disabled={of !== undefined} />
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
