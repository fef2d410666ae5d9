/** Narrow the audit log by who, what was done, to which thing and when; the choice lives in the address. */

import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useEffect, useRef, useState } from "react";

import { api } from "../../api/client";
import type { components } from "../../api/schema";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { useAddress } from "../../ui/useAddress";
import { useDebounced } from "../../ui/useDebounced";

type Names = components["schemas"]["AuditNamesOut"];

export const FILTERS = ["actor", "action", "target", "since", "until"] as const;

interface Props {
  /** What somebody is called. */
  who: (actor: string) => string;
  /** What an action is in words; empty where it has none. */
  did: (action: string) => string;
}

/** Actions by the kind of thing they are done with, each kind with all that is done with it first. */
export function grouped(actions: Names["actions"]): [kind: string, n: number, actions: Names["actions"]][] {
  const kinds = new Map<string, Names["actions"]>();
  for (const one of actions) {
    const kind = one.name.split(".")[0] ?? one.name;
    kinds.set(kind, [...(kinds.get(kind) ?? []), one]);
  }
  return [...kinds].map(([kind, of]) => [kind, of.reduce((sum, one) => sum + one.n, 0), of]);
}

export function AuditFilters({ who, did }: Props) {
  const { t, code, language } = useText();
  const { get, set } = useAddress();
  const names = useQuery({ queryKey: ["audit", "names"], queryFn: () => api.get<Names>("/audit/names") }).data;
  const [typed, setTyped] = useState(get("target") ?? "");
  const wanted = useDebounced(typed.trim());
  const applied = useRef(wanted);
  const change = (name: string, value: string | undefined) => set({ [name]: value, cursor: undefined });
  useEffect(() => {
    if (applied.current === wanted) return; // only what was typed since
    applied.current = wanted;
    set({ target: wanted || undefined, cursor: undefined }, true);
  }, [wanted, set]);
  const kindOf = (kind: string) => t(`audit.kind.${kind}`, { defaultValue: code("definitionKind", kind) });
  const counted = (label: string, n: number) => `${label} (${number(n, language)})`;
  return (
    <div className="filters gap-below" role="search" aria-label={t("audit.narrow")}>
      <Select
        aria-label={t("audit.who")}
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        style={{ minWidth: 200 }}
        placeholder={t("audit.anybody")}
        value={get("actor")}
        onChange={(value: string | undefined) => change("actor", value)}
        options={names?.actors.map((one) => ({ value: one.name, label: counted(who(one.name), one.n) }))}
      />
      <Select
        aria-label={t("audit.action")}
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        style={{ minWidth: 240 }}
        placeholder={t("audit.anything")}
        value={get("action")}
        onChange={(value: string | undefined) => change("action", value)}
        options={grouped(names?.actions ?? []).map(([kind, n, actions]) => ({
          label: kindOf(kind),
          options: [
            { value: kind, label: counted(t("audit.all", { kind: kindOf(kind) }), n) },
            ...actions.map((one) => ({ value: one.name, label: counted(did(one.name) || one.name, one.n) })),
          ],
        }))}
      />
      <Input
        allowClear
        aria-label={t("audit.target")}
        style={{ width: 220 }}
        placeholder={t("audit.anyTarget")}
        maxLength={100}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {(["since", "until"] as const).map((bound) => (
        <label key={bound} className="day-field">
          {t(`audit.${bound}`)}
          <Input
            type="date"
            value={get(bound) ?? ""}
            onChange={(event) => change(bound, event.target.value || undefined)}
          />
        </label>
      ))}
      {FILTERS.some((name) => get(name)) && (
        <Button
          onClick={() => {
            setTyped("");
            set(Object.fromEntries([...FILTERS, "cursor"].map((name) => [name, undefined])));
          }}
        >
          {t("audit.clear")}
        </Button>
      )}
    </div>
  );
}
