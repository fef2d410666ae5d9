/** What can be done with all chosen rows: change a field, send them again, put them aside and take that back. */

import { App, Button, Checkbox } from "antd";
import { useState } from "react";

import { dropRows, reopenRows, replayRows, type Selection } from "../../../api/quality";
import { useText } from "../../../i18n";
import { number } from "../../../lib/format";
import { useErrorText } from "../../../ui/States";
import { FixRows } from "./FixRows";

const UNDO_S = 12;

interface Props {
  select: Selection;
  n: number;
  /** How many rows match the filters; null when not all of them may be chosen at once. */
  matching: number | null;
  whole: boolean;
  onWhole: (whole: boolean) => void;
  fields: string[];
  /** They were dropped: all that can be done is to take that back. */
  dropped: boolean;
  /** The rows are no longer what they were; `left` are those that stay chosen, null all of them. Done when they are read anew. */
  changed: (left: string[] | null) => Promise<void>;
  /** What was chosen has left the list: put the keyboard where one goes on. */
  goOn: () => void;
}

export function Together({ select, n, matching, whole, onWhole, fields, dropped, changed, goOn }: Props) {
  const { t, bi, language } = useText();
  const { message, modal, notification } = App.useApp();
  const errorText = useErrorText();
  const [fixing, setFixing] = useState(false);
  const [busy, setBusy] = useState(false);
  /** Do it and read the list anew; whether that went well. */
  const act = async (work: () => Promise<string[]>): Promise<boolean> => {
    setBusy(true);
    try {
      await changed(await work());
      return true;
    } catch (error) {
      message.error(errorText(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  const actAndGoOn = (work: () => Promise<string[]>) =>
    act(work).then((well) => {
      if (well) goOn();
    });
  const replay = () =>
    actAndGoOn(async () => {
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
      return whole ? [] : done.items.map((one) => one.rejected_id);
    });
  const drop = () => {
    let well = false;
    modal.confirm({
      title: t("rejected.dropAsk", { n: number(n, language), count: n }),
      content: t("rejected.dropHelp"),
      okText: t("rejected.drop"),
      okButtonProps: { danger: true },
      // While the dialog is open the keyboard cannot leave it.
      afterClose: () => {
        if (well) goOn();
      },
      onOk: async () => {
        well = await act(async () => {
          const done = await dropRows(select);
          const key = `dropped-${done.ids[0] ?? ""}`;
          const said = t("rejected.dropped", { n: number(done.n, language), count: done.n });
          const undo = () => {
            notification.destroy(key);
            void actAndGoOn(() => opened(done.ids));
          };
          notification.info({
            key,
            title: said,
            duration: UNDO_S,
            actions: <Button onClick={undo}>{t("action.undo")}</Button>,
          });
          return [];
        });
      },
    });
  };
  const opened = async (ids: string[]) => {
    const done = await reopenRows(ids);
    const said = t("rejected.reopened", { n: number(done.n, language), count: done.n });
    message.success(said);
    return [];
  };
  const reopen = () => actAndGoOn(() => opened(select.ids ?? []));
  if (dropped) {
    return (
      <div className="row batch-bar" role="toolbar" aria-label={t("rejected.together")}>
        <strong>{t("rejected.chosen", { n: number(n, language), count: n })}</strong>
        <Button type="primary" loading={busy} onClick={() => void reopen()}>
          {t("rejected.reopen")}
        </Button>
      </div>
    );
  }
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
            void changed(null);
          }}
        />
      )}
    </div>
  );
}
