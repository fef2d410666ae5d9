/** What narrows an event: its properties, her time of day and weekdays, how near it happened to a place. */

import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Dropdown, Input, InputNumber, Select } from "antd";
import type { ReactNode } from "react";

import type { Catalogue, Circle, Clock, Happening, Weekday, Where } from "../../api/types";
import { useText } from "../../i18n";
import { WhereRow } from "./WhereRow";

const WEEKDAYS: Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const CENTRE: Circle = { lat: 31.2304, lng: 121.4737, km: 5 };

interface Props<N extends Happening> {
  node: N;
  onChange: (node: N) => void;
  catalogue: Catalogue | undefined;
}

export function EventSelect<N extends Happening>({ node, onChange, catalogue }: Props<N>) {
  const { t, code } = useText();
  const names = (catalogue?.events ?? []).map((one) => one.name);
  return (
    <Select
      showSearch={{ optionFilterProp: "label" }}
      aria-label={t("condition.event")}
      style={{ minWidth: 180 }}
      value={node.event}
      onChange={(name: string) => onChange({ ...node, event: name, where: [] })}
      options={[...new Set([node.event, ...names])].map((name) => ({ value: name, label: code("event", name) }))}
    />
  );
}

function Row({ label, onRemove, children }: { label: string; onRemove: () => void; children: ReactNode }) {
  const { t } = useText();
  return (
    <div className="cond-where" role="group" aria-label={label}>
      <span className="faint">{label}</span>
      {children}
      <Button
        size="small"
        type="text"
        icon={<CloseOutlined aria-hidden />}
        aria-label={t("action.remove")}
        onClick={onRemove}
      />
    </div>
  );
}

export function ClockRow(props: { clock: Clock; onChange: (clock: Clock) => void; onRemove: () => void }) {
  const { t } = useText();
  const { clock, onChange } = props;
  const time = (end: "start" | "end") => (
    <Input
      type="time"
      aria-label={t(`condition.${end}`)}
      style={{ width: 128 }}
      value={clock[end] ?? ""}
      onChange={(event) => onChange({ ...clock, [end]: event.target.value || undefined })}
    />
  );
  return (
    <Row label={t("condition.clock")} onRemove={props.onRemove}>
      <Select<Weekday[]>
        mode="multiple"
        aria-label={t("condition.weekdays")}
        style={{ minWidth: 190 }}
        maxTagCount="responsive"
        placeholder={t("condition.anyDay")}
        value={clock.weekdays ?? []}
        onChange={(days) =>
          onChange({ ...clock, weekdays: days.length ? WEEKDAYS.filter((day) => days.includes(day)) : undefined })
        }
        options={WEEKDAYS.map((day) => ({ value: day, label: t(`weekday.${day}`) }))}
      />
      <span className="cond-pair">
        {time("start")}
        <span className="faint">{t("condition.to")}</span>
        {time("end")}
      </span>
    </Row>
  );
}

/** A point and a distance. */
export function CircleFields<C extends { lat: number; lng: number; km: number }>(props: {
  circle: C;
  onChange: (circle: C) => void;
}) {
  const { t } = useText();
  const { circle, onChange } = props;
  const degrees = (which: "lat" | "lng", most: number) => (
    <InputNumber
      aria-label={t(`condition.${which}`)}
      prefix={<span className="faint">{t(`condition.${which}`)}</span>}
      min={-most}
      max={most}
      step={0.01}
      style={{ width: 158 }}
      value={circle[which]}
      onChange={(value) => onChange({ ...circle, [which]: value ?? 0 })}
    />
  );
  return (
    <>
      <InputNumber
        aria-label={t("condition.km")}
        min={0.01}
        max={20015}
        suffix={t("condition.kmUnit")}
        style={{ width: 118 }}
        value={circle.km}
        onChange={(km) => onChange({ ...circle, km: km ?? 1 })}
      />
      <span className="faint">{t("condition.of")}</span>
      {degrees("lat", 90)}
      {degrees("lng", 180)}
    </>
  );
}

export function Narrowing<N extends Happening>({ node, onChange, catalogue }: Props<N>) {
  const { t } = useText();
  const event = catalogue?.events.find((one) => one.name === node.event);
  const where = node.where ?? [];
  const setWhere = (next: Where[]) => onChange({ ...node, where: next });
  const add = {
    where: () => setWhere([...where, { property: event?.properties[0]?.name ?? "", op: "eq", value: "" }]),
    clock: () => onChange({ ...node, clock: { start: "18:00", end: "22:00" } }),
    near: () => onChange({ ...node, near: CENTRE }),
  };
  const offered = (["where", "clock", "near"] as const).filter((one) => one === "where" || !node[one]);
  return (
    <>
      {where.map((one, index) => (
        <WhereRow
          key={index}
          where={one}
          properties={event?.properties ?? []}
          catalogue={catalogue}
          onChange={(changed) => setWhere(where.map((each, position) => (position === index ? changed : each)))}
          onRemove={() => setWhere(where.filter((_, position) => position !== index))}
        />
      ))}
      {node.clock && (
        <ClockRow
          clock={node.clock}
          onChange={(clock) => onChange({ ...node, clock })}
          onRemove={() => onChange({ ...node, clock: undefined })}
        />
      )}
      {node.near && (
        <Row label={t("condition.nearEvent")} onRemove={() => onChange({ ...node, near: undefined })}>
          <CircleFields circle={node.near} onChange={(near) => onChange({ ...node, near })} />
        </Row>
      )}
      <Dropdown
        trigger={["click"]}
        menu={{ items: offered.map((key) => ({ key, label: t(`condition.only.${key}`), onClick: add[key] })) }}
      >
        <Button size="small" type="link" icon={<PlusOutlined aria-hidden />}>
          {t("condition.where")}
        </Button>
      </Dropdown>
    </>
  );
}
