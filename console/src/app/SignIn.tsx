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
  email: string;
  password: string;
}

/** Only a path of this console: never another site. */
function inside(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/";
}

export function SignIn() {
  const { t } = useText();
  const errorText = useErrorText();
  const client = useQueryClient();
  const navigate = useNavigate();
  const session = useSession();
  const [search] = useSearchParams();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const next = inside(search.get("next"));
  if (session.data?.user) return <Navigate to={next} replace />;
  if (session.data?.setup_needed) return <Navigate to="/setup" replace />;
  const submit = async (fields: Fields) => {
    setBusy(true);
    setError(null);
    try {
      await api.post("/session", fields);
      await client.invalidateQueries({ queryKey: ["session"] });
      await navigate(next, { replace: true });
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Door title={t("signIn.title")} lead={t("signIn.lead")}>
      {error !== null && <Alert className="gap-below" type="error" showIcon title={errorText(error)} role="alert" />}
      <Form<Fields> layout="vertical" requiredMark={false} onFinish={(fields) => void submit(fields)}>
        <Form.Item
          name="email"
          label={t("signIn.email")}
          rules={[{ required: true, message: t("signIn.emailNeeded") }]}
        >
          <Input type="email" autoComplete="username" size="large" />
        </Form.Item>
        <Form.Item
          name="password"
          label={t("signIn.password")}
          rules={[{ required: true, message: t("signIn.passwordNeeded") }]}
        >
          <Input.Password autoComplete="current-password" size="large" />
        </Form.Item>
        <Button type="primary" htmlType="submit" size="large" block loading={busy}>
          {t("signIn.submit")}
        </Button>
      </Form>
    </Door>
  );
}
