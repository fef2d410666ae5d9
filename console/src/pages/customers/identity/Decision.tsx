/** A decision about identities: choose, see what would follow, say why, confirm. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Input, Modal } from "antd";
import { type ReactNode, useState } from "react";

import type { WhatIf } from "../../../api/identity";
import { useText } from "../../../i18n";
import { Asked, useErrorText } from "../../../ui/States";
import { Consequences } from "./Consequences";

interface Props {
  open: boolean;
  title: string;
  confirm: string;
  /** What stands above the preview: a field to choose somebody, an explanation. */
  children?: ReactNode;
  /** What is previewed, as a key; null while nothing is chosen. */
  asked: unknown[] | null;
  preview: () => Promise<WhatIf>;
  carryOut: (reason: string) => Promise<unknown>;
  onClose: () => void;
  onDone?: () => void;
}

export function Decision({ open, title, confirm, children, asked, preview, carryOut, onClose, onDone }: Props) {
  const { t } = useText();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const found = useQuery({
    queryKey: ["what-if", ...(asked ?? [])],
    queryFn: preview,
    enabled: open && asked !== null,
    gcTime: 0,
    retry: false,
  });
  const possible = asked !== null && found.data !== undefined && !found.data.obstacle && !found.isFetching;
  const decide = async () => {
    setBusy(true);
    try {
      await carryOut(reason);
      // What was decided is no question any more; asked once more it would only be refused.
      await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "what-if" });
      message.success(t("identity.done"));
      setReason("");
      onClose();
      onDone?.();
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open={open}
      title={title}
      width={860}
      okText={confirm}
      okButtonProps={{ disabled: !possible, loading: busy, danger: true }}
      onOk={() => void decide()}
      onCancel={onClose}
      destroyOnHidden
    >
      <div className="stack">
        {children}
        {asked !== null && (
          <Asked answer={found} rows={5}>
            {(data) => <Consequences found={data} />}
          </Asked>
        )}
        <Input
          aria-label={t("identity.why")}
          placeholder={t("identity.why")}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </div>
    </Modal>
  );
}
