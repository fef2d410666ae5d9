/** What can be done with all chosen rows: change a field, send them again, put them aside and take that back. */

import { App, Button, Checkbox } from "antd";
import { useState } from "react";

import { dropRows, reopenRows, replayRows, type Selection } from "../../../api/quality";
import { useText } from "../../../i18n";
import { number } from "../../../lib/format";
import { useErrorText } from "../../../ui/States";
import { FixRows } from "./FixRows";

interface Props {
  select: Selection;
  n: number;
  /** How many rows match the filters; null when not all of them may be chosen at once. */
  matching: number | null;
  whole: boolean;
  onWhole: (whole: boolean) => void;
  fields: string[];
  /** The rows are no longer what they were; `settled` when they left the list. */
  changed: (settled: boolean) => void;
}

export function Together({ select, n, matching, whole, onWhole, fields, changed }: Props) {
  const { t, bi, language } = useText();
  const { message, modal, notification } = App.useApp();
  const errorText = useErrorText();
  const [fixing, setFixing] = useState(false);
  const [busy, setBusy] = useState(false);
  const act = async (work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
      changed(true);
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const replay = () =>
    act(async () => {
      const done = await replayRows(select);
      const said = {
        replayed: number(done.replayed, language),
        duplicate: number(done.duplicate, language),
        failed: number(done.failed, language),
      };
      notification[done.failed > 0 ? "warning" : "success"]({
        title: t("rejected.replayed", said),
        description: done.items[0]?.reason ? bi(done.items[0].reason.text) : undefined,
      });
    });
  const drop = () =>
    modal.confirm({
      title: t("rejected.dropAsk", { n: number(n, language), count: n }),
      content: t("rejected.dropHelp"),
      okText: t("rejected.drop"),
      okButtonProps: { danger: true },
      onOk: () =>
        act(async () => {
          const done = await dropRows(select);
          const key = `dropped-${done.ids[0] ?? ""}`;
          const undo = () => {
            notification.destroy(key);
            void act(async () => void (await reopenRows(done.ids)));
          };
          notification.info({
            key,
            title: t("rejected.dropped", { n: number(done.n, language), count: done.n }),
            actions: <Button onClick={undo}>{t("action.undo")}</Button>,
          });
        }),
    });
  return (
    <div className="row batch-bar" role="toolbar" aria-label={t("rejected.together")}>
      <strong>{t("rejected.chosen", { n: number(n, language), count: n })}</strong>
      {matching !== null && (
        <Checkbox checked={whole} onChange={(event) => onWhole(event.target.checked)}>
          {t("rejected.all", { n: number(matching, language), count: matching })}
        </Checkbox>
      )}
      <Button disabled={n === 0} onClick={() => setFixing(true)}>
        {t("rejected.fix")}
      </Button>
      <Button type="primary" disabled={n === 0} loading={busy} onClick={() => void replay()}>
        {t("rejected.replay")}
      </Button>
      <Button danger disabled={n === 0} onClick={drop}>
        {t("rejected.drop")}
      </Button>
      {fixing && (
        <FixRows
          select={select}
          n={n}
          fields={fields}
          close={() => setFixing(false)}
          done={(fixed) => {
            setFixing(false);
            message.success(t("rejected.fixed", { n: number(fixed.changed, language), count: fixed.changed }));
            changed(false);
          }}
        />
      )}
    </div>
  );
}
