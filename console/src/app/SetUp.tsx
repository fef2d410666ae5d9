/** First run: the one-time link that `homing up` printed makes the owner. Without its token there is nothing to fill in. */

import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { Navigate, useNavigate, useSearchParams } from "react-router";

import { api } from "../api/client";
import { useSession } from "../api/hooks";
import { useText } from "../i18n";
import { useErrorText } from "../ui/States";
import { Door } from "./Door";

interface Fields {
  name: string;
  email: string;
  password: string;
}

export function SetUp() {
  const { t } = useText();
  const errorText = useErrorText();
  const client = useQueryClient();
  const navigate = useNavigate();
  const session = useSession();
  const [search] = useSearchParams();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const token = search.get("token");
  if (session.data && !session.data.setup_needed) return <Navigate to="/" replace />;
  if (!token) {
    return (
      <Door title={t("setup.title")} lead={t("setup.noToken")}>
        <pre className="block">homing up</pre>
      </Door>
    );
  }
  const submit = async (fields: Fields) => {
    setBusy(true);
    setError(null);
    try {
      await api.post("/setup", { ...fields, token });
      await client.invalidateQueries({ queryKey: ["session"] });
      await navigate("/", { replace: true });
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Door title={t("setup.title")} lead={t("setup.lead")}>
      {error !== null && <Alert className="gap-below" type="error" showIcon title={errorText(error)} role="alert" />}
      <Form<Fields> layout="vertical" requiredMark={false} onFinish={(fields) => void submit(fields)}>
        <Form.Item name="name" label={t("setup.name")} rules={[{ required: true, message: t("setup.nameNeeded") }]}>
          <Input autoComplete="name" size="large" />
        </Form.Item>
        <Form.Item
          name="email"
          label={t("signIn.email")}
          rules={[{ required: true, type: "email", message: t("signIn.emailNeeded") }]}
        >
          <Input type="email" autoComplete="username" size="large" />
        </Form.Item>
        <Form.Item
          name="password"
          label={t("setup.password")}
          extra={t("setup.passwordHelp")}
          rules={[{ required: true, min: 10, message: t("setup.passwordHelp") }]}
        >
          <Input.Password autoComplete="new-password" size="large" />
        </Form.Item>
        <Button type="primary" htmlType="submit" size="large" block loading={busy}>
          {t("setup.submit")}
        </Button>
      </Form>
    </Door>
  );
}
