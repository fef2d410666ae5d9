/** What speaks for a key, how loudly, and how fast it fades. */

import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { AutoComplete, Button, Form, Input, InputNumber, Select } from "antd";

import { useCatalogue } from "../../api/hooks";
import type { Signal, TraitSpec } from "../../api/traits";
import { useText } from "../../i18n";
import { DurationField } from "../../ui/DurationField";

const SHOWN = ["shares", "top", "keys", "share"];

export function Signals({ spec, change }: { spec: TraitSpec; change: (spec: TraitSpec) => void }) {
  const { t } = useText();
  const events = useCatalogue().data?.events ?? [];
  const signals = spec.signals ?? [];
  const put = (at: number, part: Partial<Signal>) =>
    change({ ...spec, signals: signals.map((one, n) => (n === at ? { ...one, ...part } : one)) });
  const keysOf = (event: string) =>
    (events.find((one) => one.name === event)?.properties ?? []).map((one) => ({ value: one.name }));
  return (
    <>
      <Form.Item label={t("traits.halfLife")} extra={t("traits.halfLifeHelp")}>
        <DurationField
          label={t("traits.halfLife")}
          value={spec.half_life ?? "30d"}
          onChange={(half) => change({ ...spec, half_life: half ?? "30d" })}
        />
      </Form.Item>
      <Form.Item label={t("traits.signals")}>
        {signals.map((one, n) => (
          <div key={n} className="filters" style={{ marginBottom: 8 }}>
            <AutoComplete
              aria-label={t("traits.event")}
              style={{ width: 180 }}
              value={one.event}
              onChange={(event: string) => put(n, { event })}
              options={events.map((each) => ({ value: each.name }))}
            />
            <AutoComplete
              aria-label={t("traits.key")}
              style={{ width: 160 }}
              value={one.key}
              onChange={(key: string) => put(n, { key })}
              options={keysOf(one.event)}
            />
            <InputNumber
              aria-label={t("traits.weight")}
              min={1}
              max={1000}
              value={one.weight ?? 1}
              onChange={(weight) => put(n, { weight: weight ?? 1 })}
            />
            <Button
              type="text"
              icon={<DeleteOutlined aria-hidden />}
              aria-label={t("action.remove")}
              onClick={() => change({ ...spec, signals: signals.filter((_, at) => at !== n) })}
            />
          </div>
        ))}
        <Button
          size="small"
          icon={<PlusOutlined aria-hidden />}
          onClick={() =>
            change({ ...spec, signals: [...signals, { event: "Product Added", key: "category", weight: 3 }] })
          }
        >
          {t("traits.addSignal")}
        </Button>
      </Form.Item>
      <Form.Item label={t("traits.show")} htmlFor="trait-show">
        <Select
          id="trait-show"
          value={spec.show ?? "shares"}
          onChange={(show: string) => {
            const { key, ...rest } = spec;
            change({ ...rest, show, ...(show === "share" ? { key: key ?? "" } : {}) });
          }}
          options={SHOWN.map((one) => ({ value: one, label: t(`traits.shown.${one}`) }))}
        />
      </Form.Item>
      {spec.show === "share" && (
        <Form.Item label={t("traits.key")} htmlFor="trait-key">
          <Input
            id="trait-key"
            value={spec.key ?? ""}
            onChange={(event) => change({ ...spec, key: event.target.value })}
          />
        </Form.Item>
      )}
    </>
  );
}
