/** Who may sign in, and what each may do. For owners. */

import { PlusOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input, Modal, Popconfirm, Select, Space, Table, Typography } from "antd";
import { useState } from "react";

import { api } from "../../api/client";
import type { components } from "../../api/schema";
import type { List, User } from "../../api/types";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { EnterSends } from "../../ui/EnterSends";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, useErrorText } from "../../ui/States";
import { Wide } from "../../ui/Wide";

type NewUser = components["schemas"]["UserIn"];

const ROLES: User["role"][] = ["viewer", "editor", "owner"];
const one = (id: string) => `/users/${encodeURIComponent(id)}`;

function useRoles() {
  const { t } = useText();
  return ROLES.map((value) => ({ value, label: t(`role.${value}`) }));
}

function Add({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useText();
  const errorText = useErrorText();
  const client = useQueryClient();
  const roles = useRoles();
  const [form] = Form.useForm<NewUser>();
  const [error, setError] = useState<unknown>(null);
  const leave = () => {
    setError(null);
    form.resetFields();
    close();
  };
  const add = async (fields: NewUser) => {
    try {
      await api.post("/users", fields);
      await client.invalidateQueries({ queryKey: ["users"] });
      leave();
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <Modal open={open} onCancel={leave} onOk={() => form.submit()} title={t("users.add")} okText={t("users.add")}>
      {error !== null && <Alert className="gap-below" type="error" showIcon role="alert" title={errorText(error)} />}
      <Form<NewUser>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ role: "viewer" }}
        onFinish={(fields) => void add(fields)}
      >
        <Form.Item name="name" label={t("users.name")} rules={[{ required: true, message: t("setup.nameNeeded") }]}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="email"
          label={t("signIn.email")}
          rules={[{ required: true, type: "email", message: t("signIn.emailNeeded") }]}
        >
          <Input type="email" autoComplete="off" />
        </Form.Item>
        <Form.Item name="role" label={t("users.role")} extra={t("users.roleHelp")}>
          <Select options={roles} />
        </Form.Item>
        <Form.Item
          name="password"
          label={t("users.firstPassword")}
          extra={t("users.firstPasswordHelp")}
          rules={[{ required: true, min: 10, message: t("setup.passwordHelp") }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <EnterSends />
      </Form>
    </Modal>
  );
}

export default function Users() {
  const { t } = useText();
  const { user: self } = useWorkspace();
  const { message, modal } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const roles = useRoles();
  const [adding, setAdding] = useState(false);
  const users = useQuery({ queryKey: ["users"], queryFn: () => api.get<List<User>>("/users") });
  const owners = users.data?.items.filter((one) => one.role === "owner").length ?? 0;
  const change = async (what: () => Promise<unknown>, said?: string) => {
    try {
      await what();
      await client.invalidateQueries({ queryKey: ["users"] });
      if (said) void message.success(said);
    } catch (error) {
      void message.error(errorText(error));
    }
  };
  const renew = async (row: User) => {
    const { password } = await api.post<components["schemas"]["NewPasswordOut"]>(`${one(row.user_id)}/password`, {});
    modal.success({
      title: t("users.renewed", { name: row.name }),
      content: (
        <>
          <p>{t("users.renewedHelp")}</p>
          <Typography.Paragraph className="mono" copyable>
            {password}
          </Typography.Paragraph>
        </>
      ),
    });
  };
  return (
    <Page
      title={t("users.title")}
      lead={t("users.lead")}
      action={
        <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
          {t("users.add")}
        </Button>
      }
    >
      <Asked answer={users} rows={4}>
        {(data) => (
          <Section className="flush">
            <Wide label={t("users.title")} least={560}>
              <Table<User>
                rowKey="user_id"
                dataSource={data.items}
                pagination={false}
                columns={[
                  { key: "name", title: t("users.name"), render: (_, row) => <strong>{row.name}</strong> },
                  { key: "email", title: t("signIn.email"), dataIndex: "email" },
                  {
                    key: "role",
                    title: t("users.role"),
                    render: (_, row) => {
                      const last = row.role === "owner" && owners === 1;
                      return (
                        <>
                          <Select
                            style={{ width: 130 }}
                            aria-label={t("users.roleOf", { name: row.name })}
                            disabled={last}
                            value={row.role}
                            options={roles}
                            onChange={(role) =>
                              void change(
                                () => api.put(one(row.user_id), { role }),
                                t("users.roleChanged", { name: row.name, role: t(`role.${role}`) }),
                              )
                            }
                          />
                          {last && <div className="faint">{t("users.lastOwner")}</div>}
                        </>
                      );
                    },
                  },
                  {
                    key: "remove",
                    title: "",
                    align: "right",
                    render: (_, row) =>
                      row.user_id !== self.user_id && (
                        <Space wrap>
                          <Popconfirm
                            title={t("users.renewAsk", { name: row.name })}
                            okText={t("users.renew")}
                            onConfirm={() => change(() => renew(row))}
                          >
                            <Button type="text">{t("users.renew")}</Button>
                          </Popconfirm>
                          <Popconfirm
                            title={t("users.removeAsk", { name: row.name })}
                            okText={t("users.remove")}
                            onConfirm={() => change(() => api.delete(one(row.user_id)))}
                          >
                            <Button type="text" danger>
                              {t("users.remove")}
                            </Button>
                          </Popconfirm>
                        </Space>
                      ),
                  },
                ]}
              />
            </Wide>
          </Section>
        )}
      </Asked>
      <Add open={adding} close={() => setAdding(false)} />
    </Page>
  );
}
