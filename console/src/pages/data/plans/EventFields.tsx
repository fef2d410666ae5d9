/** One event of a plan as a form: its properties with type, whether they must be there, and what they may be. */

import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input, InputNumber, Select, Table } from "antd";
import { useState } from "react";

import { useText } from "../../../i18n";
import { valueOf } from "../rejected/FixRows";
import { type PlannedEvent, type Property, trimmed, TYPES } from "./document";

interface Props {
  event: PlannedEvent;
  basis: Record<string, { n: number }> | undefined;
  looked: number | undefined;
  onChange: (event: PlannedEvent) => void;
}

export function EventFields({ event, basis, looked, onChange }: Props) {
  const { t } = useText();
  const [fresh, setFresh] = useState("");
  const properties = event.properties ?? {};
  const set = (name: string, change: Partial<Property>) =>
    onChange({ ...event, properties: { ...properties, [name]: trimmed({ ...properties[name], ...change }) } });
  const without = (name: string) =>
    onChange({ ...event, properties: Object.fromEntries(Object.entries(properties).filter(([key]) => key !== name)) });
  const add = () => {
    if (fresh && !(fresh in properties)) set(fresh, { type: "string" });
    setFresh("");
  };
  return (
    <>
      <Table
        rowKey="name"
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={Object.entries(properties).map(([name, wanted]) => ({ name, wanted }))}
        locale={{ emptyText: t("plan.noProperties") }}
        columns={[
          {
            key: "name",
            title: t("plan.property"),
            render: (_, { name }) => (
              <>
                <span className="mono">{name}</span>
                {basis?.[name] && looked !== undefined && (
                  <div className="faint">{t("plan.seen", { n: basis[name].n, of: looked })}</div>
                )}
              </>
            ),
          },
          {
            key: "type",
            title: t("plan.type"),
            render: (_, { name, wanted }) => (
              <Select
                aria-label={`${name}: ${t("plan.type")}`}
                style={{ width: 110 }}
                value={wanted.type ?? "any"}
                onChange={(type) => set(name, { type })}
                options={TYPES.map((one) => ({ value: one, label: t(`plan.types.${one}`) }))}
              />
            ),
          },
          {
            key: "required",
            title: t("plan.required"),
            render: (_, { name, wanted }) => (
              <Checkbox
                aria-label={`${name}: ${t("plan.required")}`}
                checked={wanted.required ?? false}
                onChange={(change) => set(name, { required: change.target.checked })}
              />
            ),
          },
          {
            key: "values",
            title: t("plan.values"),
            render: (_, { name, wanted }) => (
              <Select
                aria-label={`${name}: ${t("plan.values")}`}
                mode="tags"
                open={false}
                suffix={null}
                style={{ width: 220 }}
                placeholder={t("plan.anyValue")}
                value={(wanted.values ?? []).map((one) => (typeof one === "string" ? one : JSON.stringify(one)))}
                onChange={(values: string[]) =>
                  set(name, {
                    values: values.map((one) =>
                      wanted.type === "string" ? one : (valueOf(one) as string | number | boolean),
                    ),
                  })
                }
              />
            ),
          },
          {
            key: "limits",
            title: t("plan.limits"),
            render: (_, { name, wanted }) =>
              wanted.type === "number" || wanted.type === "integer" ? (
                <span className="row">
                  {(["min", "max"] as const).map((bound) => (
                    <InputNumber
                      key={bound}
                      aria-label={`${name}: ${bound}`}
                      style={{ width: 96 }}
                      placeholder={bound}
                      value={wanted[bound] ?? null}
                      onChange={(next) => set(name, { [bound]: next })}
                    />
                  ))}
                </span>
              ) : (
                <Input
                  aria-label={`${name}: ${t("plan.pattern")}`}
                  className="mono"
                  style={{ width: 200 }}
                  placeholder={t("plan.pattern")}
                  value={wanted.pattern ?? ""}
                  onChange={(change) => set(name, { pattern: change.target.value })}
                />
              ),
          },
          {
            key: "gone",
            title: "",
            render: (_, { name }) => (
              <Button
                type="text"
                aria-label={`${t("action.remove")} ${name}`}
                icon={<DeleteOutlined aria-hidden />}
                onClick={() => without(name)}
              />
            ),
          },
        ]}
      />
      <div className="row" style={{ marginTop: 8 }}>
        <Input
          aria-label={t("plan.newProperty")}
          className="mono"
          style={{ width: 240 }}
          placeholder="products[].product_id"
          value={fresh}
          onChange={(change) => setFresh(change.target.value.trim())}
          onPressEnter={add}
        />
        <Button icon={<PlusOutlined aria-hidden />} disabled={!fresh} onClick={add}>
          {t("plan.addProperty")}
        </Button>
        <Checkbox
          checked={event.others === "report"}
          onChange={(change) => onChange({ ...event, others: change.target.checked ? "report" : undefined })}
        >
          {t("plan.others")}
        </Checkbox>
      </div>
    </>
  );
}
