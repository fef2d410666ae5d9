/** Changing one's own password: every other session of the user ends. */

import { Alert, App, Form, Input, Modal } from "antd";
import { useState } from "react";

import { api } from "../api/client";
import { useText } from "../i18n";
import { EnterSends } from "../ui/EnterSends";
import { useErrorText } from "../ui/States";

interface Fields {
  old: string;
  new: string;
}

export default function PasswordDialog({ close }: { close: () => void }) {
  const { t } = useText();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const [form] = Form.useForm<Fields>();
  const [error, setError] = useState<unknown>(null);
  const change = async (fields: Fields) => {
    setError(null);
    try {
      await api.put("/session/password", fields);
      void message.success(t("account.changed"));
      close();
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <Modal open onCancel={close} onOk={() => form.submit()} title={t("account.password")} okText={t("account.change")}>
      {error !== null && <Alert className="gap-below" type="error" showIcon role="alert" title={errorText(error)} />}
      <Form<Fields> form={form} layout="vertical" requiredMark={false} onFinish={(fields) => void change(fields)}>
        <Form.Item
          name="old"
          label={t("account.old")}
          rules={[{ required: true, message: t("signIn.passwordNeeded") }]}
        >
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item
          name="new"
          label={t("account.new")}
          extra={t("account.help")}
          rules={[{ required: true, min: 10, message: t("setup.passwordHelp") }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <EnterSends />
      </Form>
    </Modal>
  );
}
