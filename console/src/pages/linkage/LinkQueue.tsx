/** Pairs that may be one person: y accepts, n rejects, arrows go on; or many at once. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Segmented } from "antd";
import { useCallback, useEffect, useState } from "react";

import { answerPairs, type LinkAnswer, useLinkPairs } from "../../api/linkage";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { CursorPager } from "../../ui/CursorPager";
import { Asked, Nothing, useErrorText } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import { PairCard } from "./PairCard";
import { RunPanel } from "./RunPanel";

const STANDINGS = ["open", "accepted", "rejected", "impossible"] as const;
const KEYS: Record<string, LinkAnswer | 1 | -1> = { y: "accept", n: "reject", ArrowDown: 1, ArrowUp: -1 };

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest("input:not([type=checkbox]), textarea, [role=combobox]") !== null
  );
}

export function LinkQueue() {
  const { t } = useText();
  const { get, set } = useAddress();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const mayWrite = useWorkspace().user.role !== "viewer";
  const status = get("status") ?? "open";
  const cursor = get("cursor");
  const pairs = useLinkPairs(status, cursor);
  const [chosen, setChosen] = useState<string[]>([]);
  const [at, setAt] = useState(0);
  const [busy, setBusy] = useState(false);
  const items = pairs.data?.items;
  const open = status === "open";
  const current = Math.min(at, Math.max(0, (items?.length ?? 0) - 1));

  const answer = useCallback(
    async (ids: string[], said: LinkAnswer) => {
      setBusy(true);
      try {
        const done = await answerPairs(ids, said);
        setChosen([]);
        await client.invalidateQueries({ queryKey: ["link-pairs"] });
        const told = t("linkage.done", { accepted: done.accepted, rejected: done.rejected });
        if (done.impossible) message.warning(`${told} ${t("linkage.notJoined", { count: done.impossible })}`);
        else message.success(told);
      } catch (error) {
        message.error(errorText(error));
      } finally {
        setBusy(false);
      }
    },
    [client, errorText, message, t],
  );

  useEffect(() => {
    if (!mayWrite || !open) return;
    const pressed = (event: KeyboardEvent) => {
      const meant = KEYS[event.key];
      if (!meant || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      const pair = items?.[current];
      event.preventDefault();
      if (typeof meant === "number")
        setAt(Math.min(Math.max(0, current + meant), Math.max(0, (items?.length ?? 1) - 1)));
      else if (pair && !busy) void answer([pair.pair_id], meant);
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [answer, busy, current, items, mayWrite, open]);

  return (
    <div className="stack">
      <RunPanel />
      <div className="row">
        <Segmented
          aria-label={t("customer.status")}
          value={status}
          onChange={(value) => {
            setChosen([]);
            setAt(0);
            set({ status: value === "open" ? undefined : value, cursor: undefined });
          }}
          options={STANDINGS.map((value) => ({ value, label: t(`linkage.standing.${value}`) }))}
        />
        {open && mayWrite && items && items.length > 0 && <span className="faint">{t("linkage.keys")}</span>}
      </div>
      <Asked answer={pairs} rows={8}>
        {(data) => (
          <>
            {mayWrite && open && chosen.length > 0 && (
              <div className="row batch-bar" role="toolbar" aria-label={t("identities.together")}>
                <strong>{t("identities.chosen", { count: chosen.length })}</strong>
                <Button type="primary" loading={busy} onClick={() => void answer(chosen, "accept")}>
                  {t("linkage.accept")}
                </Button>
                <Button loading={busy} onClick={() => void answer(chosen, "reject")}>
                  {t("linkage.reject")}
                </Button>
              </div>
            )}
            {data.items.length === 0 && (
              <Nothing title={t(`linkage.noPairs.${status}`)} help={open ? t("linkage.noneHelp") : undefined} />
            )}
            {data.items.map((pair, n) => (
              <PairCard
                key={pair.pair_id}
                pair={pair}
                current={open && mayWrite && n === current}
                chosen={chosen.includes(pair.pair_id)}
                busy={busy}
                {...(mayWrite ? { onAnswer: (said: LinkAnswer) => void answer([pair.pair_id], said) } : {})}
                {...(open && mayWrite
                  ? {
                      onChoose: (yes: boolean) =>
                        setChosen(yes ? [...chosen, pair.pair_id] : chosen.filter((id) => id !== pair.pair_id)),
                    }
                  : {})}
              />
            ))}
            <CursorPager next={data.next} cursor={cursor} total={data.total} go={(next) => set({ cursor: next })} />
          </>
        )}
      </Asked>
    </div>
  );
}
