/** One refused row as text: mend it by hand, see what changes, keep it. */

import { Alert, Input, Modal } from "antd";
import { useState } from "react";

import { editRow } from "../../../api/quality";
import type { Rejected } from "../../../api/types";
import { useText } from "../../../i18n";
import { laidOut } from "../../../lib/difference";
import { useErrorText } from "../../../ui/States";
import { Changes } from "./Changes";
import { Met } from "./Met";

export function EditRow({ row, close, done }: { row: Rejected; close: () => void; done: () => void }) {
  const { t, bi } = useText();
  const errorText = useErrorText();
  const before = row.body ?? "";
  const [text, setText] = useState(laidOut(before));
  const [error, setError] = useState<unknown>(null);
  const keep = async () => {
    try {
      await editRow(row.rejected_id, text);
      done();
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <Modal
      open
      width={760}
      onCancel={close}
      onOk={() => void keep()}
      title={t("rejected.edit")}
      okText={t("action.save")}
    >
      <Alert
        className="gap-below"
        type="warning"
        showIcon
        title={bi(row.reason.text)}
        description={
          <>
            {row.reason.message}
            <Met reason={row.reason} />
          </>
        }
      />
      {error !== null && <Alert className="gap-below" type="error" showIcon role="alert" title={errorText(error)} />}
      <Input.TextArea
        className="mono gap-below"
        aria-label={t("rejected.text")}
        autoSize={{ minRows: 8, maxRows: 22 }}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Changes rows={[{ before, after: text }]} />
    </Modal>
  );
}
