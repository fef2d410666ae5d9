import { Form, Input } from "antd";
import { Navigate, useSearchParams } from "react-router";

import { api } from "../api/client";
import { useSession } from "../api/hooks";
import { useText } from "../i18n";
import { Door } from "./Door";
import { DoorForm } from "./DoorForm";

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
  const session = useSession();
  const [search] = useSearchParams();
  const next = inside(search.get("next"));
  if (session.data?.user) return <Navigate to={next} replace />;
  if (session.data?.setup_needed) return <Navigate to="/setup" replace />;
  return (
    <Door title={t("signIn.title")} lead={t("signIn.lead")}>
      <DoorForm<Fields> submitLabel={t("signIn.submit")} submit={(fields) => api.post("/session", fields)} next={next}>
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
      </DoorForm>
    </Door>
  );
}
