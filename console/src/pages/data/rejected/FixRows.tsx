/** One field of many refused rows, changed together: say how, look at the difference, then keep it. */

import { Alert, AutoComplete, Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";

import { type Change, type Fixed, fixRows, type Selection } from "../../../api/quality";
import { useText } from "../../../i18n";
import { number } from "../../../lib/format";
import { EnterSends } from "../../../ui/EnterSends";
import { useErrorText } from "../../../ui/States";
import { Changes } from "./Changes";

const OPS = ["set", "replace", "trim", "remove"] as const;

/** "9.5" is a number, "true" a yes, anything that is no JSON a text. */
export function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

interface Props {
  select: Selection;
  n: number;
  fields: string[];
  close: () => void;
  done: (fixed: Fixed) => void;
}

export function FixRows({ select, n, fields, close, done }: Props) {
  const { t, language } = useText();
  const errorText = useErrorText();
  const [op, setOp] = useState<Change["op"]>("set");
  const [field, setField] = useState("");
  const [find, setFind] = useState("");
  const [value, setValue] = useState("");
  const [tried, setTried] = useState<Fixed | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const run = async (dryRun: boolean) => {
    setBusy(true);
    setError(null);
    try {
      const change = { op, field, find, value: op === "set" ? valueOf(value) : value };
      const found = await fixRows(select, change, dryRun);
      if (dryRun) setTried(found);
      else done(found);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  const touched = (set: (text: string) => void) => (text: string) => {
    set(text);
    setTried(null);
  };
  return (
    <Modal
      open
      width={760}
      onCancel={close}
      title={t("rejected.fixTitle", { n: number(n, language), count: n })}
      footer={[
        <Button key="try" disabled={!field} loading={busy && !tried} onClick={() => void run(true)}>
          {t("rejected.preview")}
        </Button>,
        <Button
          key="go"
          type="primary"
          disabled={!tried?.changed}
          loading={busy && tried !== null}
          onClick={() => void run(false)}
        >
          {t("rejected.apply")}
        </Button>,
      ]}
    >
      <Form layout="vertical" onFinish={() => field && void run(true)}>
        <div className="halves">
          <Form.Item label={t("rejected.field")} htmlFor="fix-field">
            <AutoComplete
              id="fix-field"
              value={field}
              onChange={touched(setField)}
              options={fields.map((one) => ({ value: one }))}
              placeholder="properties.price"
            />
          </Form.Item>
          <Form.Item label={t("rejected.how")} htmlFor="fix-op">
            <Select
              id="fix-op"
              value={op}
              onChange={(next) => {
                setOp(next);
                setTried(null);
              }}
              options={OPS.map((one) => ({ value: one, label: t(`rejected.op.${one}`) }))}
            />
          </Form.Item>
        </div>
        <div className="halves">
          {op === "replace" && (
            <Form.Item label={t("rejected.find")} htmlFor="fix-find">
              <Input id="fix-find" value={find} onChange={(event) => touched(setFind)(event.target.value)} />
            </Form.Item>
          )}
          {(op === "set" || op === "replace") && (
            <Form.Item
              label={t("rejected.value")}
              htmlFor="fix-value"
              extra={op === "set" ? t("rejected.valueHelp") : undefined}
            >
              <Input id="fix-value" value={value} onChange={(event) => touched(setValue)(event.target.value)} />
            </Form.Item>
          )}
        </div>
        <EnterSends />
      </Form>
      {error !== null && <Alert className="gap-below" type="error" showIcon role="alert" title={errorText(error)} />}
      {tried && (
        <div role="status">
          <p>
            {t("rejected.tried", {
              changed: number(tried.changed, language),
              matched: number(tried.matched, language),
              unreadable: number(tried.unreadable, language),
            })}
          </p>
          <Changes rows={tried.sample.slice(0, 5)} />
        </div>
      )}
    </Modal>
  );
}
