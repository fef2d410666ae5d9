/** The steps of setting up a source: what it is, where it is, when it is asked. */

import { Alert, Form, Input, Radio } from "antd";

import type { Connector, Source } from "../../../api/sources";
import { useText } from "../../../i18n";
import { SchemaForm } from "../../../ui/SchemaForm";
import { type Draft, plainId, type When } from "./draft";

interface StepProps {
  draft: Draft;
  set: (changed: Partial<Draft>) => void;
  connector: Connector;
}

export function What(props: { connectors: Connector[]; chosen: string; choose: (name: string) => void }) {
  const { bi } = useText();
  return (
    <Radio.Group
      className="choices"
      value={props.chosen}
      onChange={(event) => props.choose(String(event.target.value))}
    >
      {props.connectors.map((one) => (
        <Radio key={one.name} value={one.name}>
          <strong>{one.name}</strong> <span className="faint">{bi(one.about)}</span>
        </Radio>
      ))}
    </Radio.Group>
  );
}

export function Where({ draft, set, connector, of, wrong }: StepProps & { of?: Source; wrong: string | null }) {
  const { t, bi } = useText();
  return (
    <>
      <p className="faint">{bi(connector.about)}</p>
      <Form.Item label={t("sources.name")} htmlFor="source-name" required>
        <Input id="source-name" value={draft.name} onChange={(event) => set({ name: event.target.value })} />
      </Form.Item>
      {!of && (
        <Form.Item label={t("sources.id")} htmlFor="source-id" extra={t("sources.idHelp")}>
          <Input
            id="source-id"
            className="mono"
            value={draft.id}
            placeholder={plainId(draft.name)}
            onChange={(event) => set({ id: event.target.value })}
          />
        </Form.Item>
      )}
      <SchemaForm
        schema={connector.json_schema}
        value={draft.settings}
        onChange={(settings) => set({ settings })}
        secrets={Object.fromEntries(connector.secrets.map((field) => [field, Boolean(of?.secrets[field])]))}
        wrong={wrong}
      />
    </>
  );
}

export function Whenever({ draft, set, connector }: StepProps) {
  const { t } = useText();
  if (connector.way !== "asked") return <Alert type="info" showIcon title={t(`sources.way.${connector.way}`)} />;
  return (
    <>
      <Form.Item label={t("sources.step.when")}>
        <Radio.Group value={draft.when} onChange={(event) => set({ when: event.target.value as When })}>
          <Radio value="every">{t("sources.every")}</Radio>
          <Radio value="at">{t("sources.at")}</Radio>
          <Radio value="hand">{t("sources.byHand")}</Radio>
        </Radio.Group>
      </Form.Item>
      {draft.when === "every" && (
        <Form.Item label={t("sources.every")} htmlFor="source-every" extra={t("sources.everyHelp")}>
          <Input id="source-every" value={draft.every} onChange={(event) => set({ every: event.target.value })} />
        </Form.Item>
      )}
      {draft.when === "at" && (
        <Form.Item label={t("sources.at")} htmlFor="source-at" extra={t("sources.atHelp")}>
          <Input id="source-at" value={draft.at} onChange={(event) => set({ at: event.target.value })} />
        </Form.Item>
      )}
    </>
  );
}
