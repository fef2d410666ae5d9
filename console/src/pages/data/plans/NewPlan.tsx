/** A blank plan: its id and its name; what it expects is filled in on its page, where it is saved. */

import { Form, Input, Modal } from "antd";
import { useNavigate } from "react-router";

import type { Proposal } from "../../../api/quality";
import { useText } from "../../../i18n";
import { EnterSends } from "../../../ui/EnterSends";
import type { PlanDocument } from "./document";

interface Fields {
  id: string;
  en?: string;
  zh?: string;
}

export function NewPlan({ taken, close }: { taken: string[]; close: () => void }) {
  const { t, language } = useText();
  const navigate = useNavigate();
  const [form] = Form.useForm<Fields>();
  const begin = ({ id, en = "", zh = "" }: Fields) => {
    const document: PlanDocument = {
      kind: "plan",
      id,
      name: { en: en.trim(), zh: zh.trim() },
      mode: "observe",
      events: [],
    };
    const state: Pick<Proposal, "document" | "basis"> = { document: { ...document }, basis: [] };
    void navigate(`/plans/${encodeURIComponent(id)}`, { state });
  };
  return (
    <Modal open title={t("plan.create")} okText={t("plan.begin")} onCancel={close} onOk={() => form.submit()}>
      <p>{t("plan.createHelp")}</p>
      <Form form={form} layout="vertical" onFinish={begin}>
        <Form.Item
          name="id"
          label={t("plan.id")}
          extra={t("plan.idHelp")}
          rules={[
            { required: true, pattern: /^[A-Za-z0-9][\w.-]{0,63}$/, message: t("plan.idHelp") },
            {
              validator: (_, id: string) =>
                taken.includes(id) ? Promise.reject(new Error(t("plan.idTaken"))) : Promise.resolve(),
            },
          ]}
        >
          <Input className="mono" />
        </Form.Item>
        {(language === "zh" ? (["zh", "en"] as const) : (["en", "zh"] as const)).map((one, place) => (
          <Form.Item
            key={one}
            name={one}
            label={t(`plan.name.${one}`)}
            rules={place === 0 ? [{ required: true, whitespace: true, message: t("plan.nameWanted") }] : []}
          >
            <Input maxLength={200} />
          </Form.Item>
        ))}
        <EnterSends />
      </Form>
    </Modal>
  );
}
