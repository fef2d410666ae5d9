/** Keys for writing events and for administration. A key is shown once, when it is made. */

import { PlusOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input, Modal, Radio, Table, Typography } from "antd";
import { useState } from "react";

import { api } from "../../api/client";
import { useKeys } from "../../api/hooks";
import type { ApiKey, NewApiKey } from "../../api/types";
import { useText } from "../../i18n";
import { Moment } from "../../ui/Moment";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing, useErrorText } from "../../ui/States";
import { ScriptTag } from "./ScriptTag";

function NewKey({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useText();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [form] = Form.useForm<{ name: string; kind: "write" | "admin" }>();
  const [made, setMade] = useState<{ key: string; kind: "write" | "admin" } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const finish = () => {
    setMade(null);
    setError(null);
    form.resetFields();
    close();
  };
  const create = async (fields: { name: string; kind: "write" | "admin" }) => {
    setError(null);
    try {
      const key = await api.post<NewApiKey>("/keys", fields);
      setMade({ key: key.key, kind: fields.kind });
      await client.invalidateQueries({ queryKey: ["keys"] });
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <Modal
      open={open}
      onCancel={finish}
      title={t("key.create")}
      okText={made === null ? t("key.make") : t("key.kept")}
      onOk={() => (made === null ? form.submit() : finish())}
      cancelButtonProps={made === null ? undefined : { style: { display: "none" } }}
    >
      {error !== null && <Alert className="gap-below" type="error" showIcon title={errorText(error)} />}
      {made === null ? (
        <Form
          form={form}
          layout="vertical"
          initialValues={{ kind: "write" }}
          onFinish={(fields) => void create(fields)}
        >
          <Form.Item name="name" label={t("key.name")} rules={[{ required: true, message: t("key.nameNeeded") }]}>
            <Input placeholder={t("key.namePlaceholder")} />
          </Form.Item>
          <Form.Item name="kind" label={t("key.kind")}>
            <Radio.Group
              options={[
                { value: "write", label: t("key.write") },
                { value: "admin", label: t("key.admin") },
              ]}
            />
          </Form.Item>
        </Form>
      ) : (
        <>
          <Alert className="gap-below" type="warning" showIcon title={t("key.once")} />
          <Typography.Paragraph className="mono" copyable>
            {made.key}
          </Typography.Paragraph>
          {made.kind === "write" && <ScriptTag writeKey={made.key} />}
        </>
      )}
    </Modal>
  );
}

export default function Keys() {
  const { t } = useText();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const keys = useKeys();
  const revoke = (key: ApiKey) =>
    modal.confirm({
      title: t("key.revokeAsk", { name: key.name }),
      content: t("key.revokeHelp"),
      okText: t("key.revoke"),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await api.delete(`/keys/${encodeURIComponent(key.key_id)}`);
          await client.invalidateQueries({ queryKey: ["keys"] });
          message.success(t("key.revoked"));
        } catch (error) {
          message.error(errorText(error));
        }
      },
    });
  const create = (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setOpen(true)}>
      {t("key.create")}
    </Button>
  );
  return (
    <Page title={t("key.title")} lead={t("key.lead")} action={create}>
      <Asked answer={keys} rows={5}>
        {(data) => (
          <Section className="flush gap-below">
            <Table<ApiKey>
              rowKey="key_id"
              dataSource={data.items}
              pagination={false}
              scroll={{ x: "max-content" }}
              locale={{ emptyText: <Nothing title={t("key.none")} help={t("key.noneHelp")} /> }}
              columns={[
                { key: "name", title: t("key.name"), render: (_, key) => <strong>{key.name}</strong> },
                {
                  key: "kind",
                  title: t("key.kind"),
                  render: (_, key) => <Pill tone={key.kind === "admin" ? "lamp" : "sea"}>{t(`key.${key.kind}`)}</Pill>,
                },
                {
                  key: "hint",
                  title: t("key.hint"),
                  render: (_, key) => <span className="mono faint">{key.hint ?? key.key_id}</span>,
                },
                { key: "created", title: t("key.created"), render: (_, key) => <Moment at={key.created_at} /> },
                {
                  key: "act",
                  title: "",
                  align: "right",
                  render: (_, key) =>
                    key.revoked_at ? (
                      <Pill tone="bad">{t("key.revokedTag")}</Pill>
                    ) : (
                      <Button size="small" danger type="text" onClick={() => revoke(key)}>
                        {t("key.revoke")}
                      </Button>
                    ),
                },
              ]}
            />
          </Section>
        )}
      </Asked>
      <Section title={t("key.tag")}>
        <ScriptTag writeKey="wk_…" />
      </Section>
      <NewKey open={open} close={() => setOpen(false)} />
    </Page>
  );
}
