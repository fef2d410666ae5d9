/** First run: the one-time link that `homing up` printed makes the owner. Without its token there is nothing to fill in. */

import { Form, Input } from "antd";
import { Navigate, useSearchParams } from "react-router";

import { api } from "../api/client";
import { useSession } from "../api/hooks";
import { useText } from "../i18n";
import { Door } from "./Door";
import { DoorForm } from "./DoorForm";

interface Fields {
  name: string;
  email: string;
  password: string;
}

export function SetUp() {
  const { t } = useText();
  const session = useSession();
  const [search] = useSearchParams();
  const token = search.get("token");
  if (session.data && !session.data.setup_needed) return <Navigate to="/" replace />;
  if (!token) {
    return (
      <Door title={t("setup.title")} lead={t("setup.noToken")}>
        <pre className="block">homing up</pre>
      </Door>
    );
  }
  return (
    <Door title={t("setup.title")} lead={t("setup.lead")}>
      <DoorForm<Fields>
        submitLabel={t("setup.submit")}
        submit={(fields) => api.post("/setup", { ...fields, token })}
        next="/"
      >
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
      </DoorForm>
    </Door>
  );
}
