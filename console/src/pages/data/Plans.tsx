/** Tracking plans: what is expected to arrive, drawn from what arrives, and what was not so. */

import { Alert, Button, Form, Input, InputNumber, Modal, Select, Table } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { useSourceChoices, useSourceName } from "../../api/names";
import { type PlanRow, proposePlan, usePlans } from "../../api/quality";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { EnterSends } from "../../ui/EnterSends";
import { Moment } from "../../ui/Moment";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing, useErrorText } from "../../ui/States";
import type { PlanDocument } from "./plans/document";
import { NewPlan } from "./plans/NewPlan";
import { Violations } from "./plans/Violations";

const DAYS = 30;

function Propose({ taken, close }: { taken: string[]; close: () => void }) {
  const { t } = useText();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const sources = useSourceChoices();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const draw = async ({ days, source, id }: { days: number; source?: string; id: string }) => {
    setBusy(true);
    setError(null);
    try {
      const made = await proposePlan(days, source ?? "", id);
      void navigate(`/plans/${id}`, { state: made });
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  const [form] = Form.useForm<{ days: number; source?: string; id: string }>();
  const id = Form.useWatch("id", form) as string | undefined;
  return (
    <Modal
      open
      title={t("plan.propose")}
      okText={t("plan.draw")}
      confirmLoading={busy}
      onCancel={close}
      onOk={() => form.submit()}
    >
      <p>{t("plan.proposeHelp")}</p>
      {error !== null && <Alert className="gap-below" type="error" showIcon role="alert" title={errorText(error)} />}
      <Form
        form={form}
        layout="vertical"
        initialValues={{ days: DAYS, id: "plan" }}
        onFinish={(fields) => void draw(fields)}
      >
        <Form.Item
          name="id"
          label={t("plan.id")}
          extra={taken.includes(id ?? "") ? t("plan.taken") : undefined}
          rules={[{ required: true, pattern: /^[A-Za-z0-9][\w.-]{0,63}$/ }]}
        >
          <Input className="mono" />
        </Form.Item>
        <Form.Item name="days" label={t("plan.days")} rules={[{ required: true }]}>
          <InputNumber min={1} max={400} precision={0} />
        </Form.Item>
        <Form.Item name="source" label={t("customer.source")}>
          <Select
            allowClear
            placeholder={t("plan.allSources")}
            showSearch={{ optionFilterProp: "label" }}
            options={sources}
          />
        </Form.Item>
        <EnterSends />
      </Form>
    </Modal>
  );
}

export default function Plans() {
  const { t, bi, language } = useText();
  const { user } = useWorkspace();
  const sourceName = useSourceName();
  const plans = usePlans();
  const [open, setOpen] = useState<"new" | "propose" | null>(null);
  const taken = (plans.data?.items ?? []).map((one) => one.id);
  return (
    <Page
      title={t("plan.title")}
      lead={t("plan.lead")}
      action={
        user.role !== "viewer" && (
          <div className="row">
            <Button onClick={() => setOpen("new")}>{t("plan.create")}</Button>
            <Button type="primary" onClick={() => setOpen("propose")}>
              {t("plan.propose")}
            </Button>
          </div>
        )
      }
    >
      <div className="stack">
        <Section className="flush">
          <Asked answer={plans} rows={4}>
            {(data) => (
              <Table<PlanRow>
                rowKey="id"
                dataSource={data.items}
                pagination={false}
                scroll={{ x: "max-content" }}
                locale={{ emptyText: <Nothing title={t("plan.none")} help={t("plan.noneHelp")} /> }}
                columns={[
                  {
                    key: "name",
                    title: t("plan.one"),
                    render: (_, row) => (
                      <>
                        <Link to={`/plans/${row.id}`}>{bi(row.name)}</Link>
                        <div className="faint mono">{row.id}</div>
                      </>
                    ),
                  },
                  {
                    key: "sources",
                    title: t("customer.source"),
                    render: (_, row) =>
                      (row.document as unknown as PlanDocument).sources?.map(sourceName).join(", ") ||
                      t("plan.allSources"),
                  },
                  {
                    key: "mode",
                    title: t("plan.mode"),
                    render: (_, row) => {
                      const mode = (row.document as unknown as PlanDocument).mode ?? "observe";
                      return (
                        <>
                          <Pill tone={mode === "block" ? "bad" : "sea"}>{t(`plan.modes.${mode}`)}</Pill>{" "}
                          {row.status === "paused" && <Pill tone="quiet">{t("plan.isPaused")}</Pill>}
                        </>
                      );
                    },
                  },
                  {
                    key: "events",
                    title: t("plan.events"),
                    align: "right",
                    className: "num",
                    render: (_, row) => number((row.document as unknown as PlanDocument).events?.length ?? 0, language),
                  },
                  { key: "changed", title: t("plan.changed"), render: (_, row) => <Moment at={row.updated_at} /> },
                ]}
              />
            )}
          </Asked>
        </Section>
        <Section title={t("plan.violations")} help={t("plan.violationsHelp", { n: DAYS })}>
          <Violations days={DAYS} />
        </Section>
      </div>
      {open === "propose" && <Propose taken={taken} close={() => setOpen(null)} />}
      {open === "new" && <NewPlan taken={taken} close={() => setOpen(null)} />}
    </Page>
  );
}
