/** One agreement as a form: a new one, or one that is changed or extended. */

import { useQueryClient } from "@tanstack/react-query";
import { Alert, Form, Input, Modal, Select } from "antd";
import { useState } from "react";

import { type Agreement, saveAgreement } from "../../../api/agreements";
import { ApiError } from "../../../api/client";
import { useSources } from "../../../api/sources";
import { useWorkspace } from "../../../app/workspace";
import { useText } from "../../../i18n";
import { EnterSends } from "../../../ui/EnterSends";
import { useErrorText } from "../../../ui/States";

interface Fields {
  id: string;
  name: string;
  party: string;
  relation: Agreement["relation"];
  purpose: string[];
  expires: string;
  zone: string;
  sources: string[];
  fields?: string[];
}

const NEW: Partial<Fields> = { relation: "third_party", purpose: ["marketing"], sources: [], zone: "UTC" };
const PLACES = ["id", "name", "party", "purpose", "sources", "fields", "expires", "zone"] as const;

export function AgreementForm({ of, close }: { of: Agreement | null; close: () => void }) {
  const { t, bi } = useText();
  const errorText = useErrorText();
  const client = useQueryClient();
  const sources = useSources();
  const [form] = Form.useForm<Fields>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const said = (of?.document ?? {}) as Partial<Fields>;
  const { zone } = useWorkspace().workspace;
  const start = of ? { ...NEW, ...said, name: bi(of.name), fields: of.fields ?? undefined } : { ...NEW, zone };
  const save = async ({ name, fields, ...rest }: Fields) => {
    setBusy(true);
    setError(null);
    const kept = of && name === bi(of.name) ? of.document["name"] : name;
    const narrowed = fields?.length ? { fields } : {};
    try {
      await saveAgreement({ kind: "agreement", ...rest, name: kept, ...narrowed });
      await Promise.all(["agreements", "sources"].map((key) => client.invalidateQueries({ queryKey: [key] })));
      close();
    } catch (cause) {
      const place = cause instanceof ApiError ? PLACES.find((one) => one === cause.field?.split(".")[0]) : undefined;
      if (place) form.setFields([{ name: place, errors: [errorText(cause)] }]);
      else setError(cause);
    } finally {
      setBusy(false);
    }
  };
  const needed = [{ required: true, message: t("agreement.needed") }];
  return (
    <Modal
      open
      title={t(of ? "agreement.change" : "agreement.new")}
      okText={t("agreement.save")}
      confirmLoading={busy}
      onCancel={close}
      onOk={() => form.submit()}
    >
      <Form form={form} layout="vertical" initialValues={start} onFinish={(values) => void save(values)}>
        <Form.Item
          name="id"
          label={t("agreement.id")}
          rules={[{ required: true, pattern: /^[A-Za-z0-9][\w.-]{0,63}$/, message: t("agreement.idNeeded") }]}
        >
          <Input className="mono" disabled={of !== null} />
        </Form.Item>
        <Form.Item name="name" label={t("agreement.name")} rules={needed}>
          <Input />
        </Form.Item>
        <Form.Item name="party" label={t("agreement.party")} rules={needed}>
          <Input />
        </Form.Item>
        <Form.Item name="relation" label={t("agreement.relation")} rules={needed}>
          <Select
            options={(["second_party", "third_party"] as const).map((one) => ({
              value: one,
              label: t(`agreement.relations.${one}`),
            }))}
          />
        </Form.Item>
        <Form.Item name="purpose" label={t("agreement.purpose")} rules={needed}>
          <Select mode="tags" open={false} suffix={null} />
        </Form.Item>
        <Form.Item name="sources" label={t("menu.sources")} extra={t("agreement.sourcesHelp")} rules={needed}>
          <Select
            mode="tags"
            options={(sources.data?.items ?? []).map((one) => ({ value: one.id, label: bi(one.name) }))}
          />
        </Form.Item>
        <Form.Item name="fields" label={t("agreement.fields")} extra={t("agreement.fieldsHelp")}>
          <Select mode="tags" open={false} suffix={null} />
        </Form.Item>
        <Form.Item name="expires" label={t("agreement.ends")} extra={t("agreement.endsHelp")} rules={needed}>
          <Input className="mono" placeholder="2026-12-31" />
        </Form.Item>
        <Form.Item name="zone" label={t("agreement.zone")}>
          <Input className="mono" />
        </Form.Item>
        <EnterSends />
      </Form>
      {error !== null && <Alert type="error" showIcon role="alert" title={errorText(error)} />}
    </Modal>
  );
}
