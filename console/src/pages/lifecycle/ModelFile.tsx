/** A lifecycle's document as a file: stages, their conditions, the order of judging. */

import { Alert, Button, Input, Modal } from "antd";
import { useState } from "react";
import { parse, stringify } from "yaml";

import { useText } from "../../i18n";

interface Props {
  document: Record<string, unknown>;
  busy: boolean;
  close: () => void;
  save: (document: Record<string, unknown>) => void;
}

export function ModelFile({ document, busy, close, save }: Props) {
  const { t } = useText();
  const [text, setText] = useState(() => stringify(document));
  const [trouble, setTrouble] = useState<string | null>(null);
  const use = () => {
    try {
      const read: unknown = parse(text);
      if (typeof read !== "object" || read === null || !("id" in read)) throw new Error(t("lifecycles.noDocument"));
      setTrouble(null);
      save({ ...read });
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Modal
      open
      width={820}
      title={t("lifecycles.edit")}
      onCancel={close}
      footer={
        <Button type="primary" loading={busy} onClick={use}>
          {t("lifecycles.publish")}
        </Button>
      }
    >
      <p className="faint">{t("lifecycles.editHelp")}</p>
      {trouble && <Alert className="gap-below" type="error" showIcon title={trouble} />}
      <Input.TextArea
        aria-label={t("lifecycles.edit")}
        className="mono"
        autoSize={{ minRows: 18, maxRows: 28 }}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </Modal>
  );
}
