/** Which refused rows are shown; the choice lives in the address. */

import { Button, Segmented, Select } from "antd";

import type { RejectedGroup } from "../../../api/quality";
import type { Bi } from "../../../api/types";
import { useText } from "../../../i18n";
import { number } from "../../../lib/format";
import { Pill } from "../../../ui/Pill";
import { useAddress } from "../../../ui/useAddress";

const STATUS = ["open", "replayed", "dropped"] as const;
const SPANS = ["24h", "7d", "30d"] as const;

/** How many of each name; the one that is chosen is there with 0 when none is left. */
function counted(
  groups: RejectedGroup[],
  name: (group: RejectedGroup) => string,
  chosen?: string,
): Map<string, number> {
  const found = new Map<string, number>(chosen === undefined ? [] : [[chosen, 0]]);
  for (const group of groups) found.set(name(group), (found.get(name(group)) ?? 0) + group.n);
  return found;
}

/** What sources are called; a call with an unknown key has none. */
export function namesOf(groups: RejectedGroup[], bi: (text: Bi) => string, nobody: string): Map<string, string> {
  return new Map(groups.map((group) => [group.source, group.source ? bi(group.name) : nobody]));
}

export function Filters({ groups }: { groups: RejectedGroup[] }) {
  const { t, bi, language } = useText();
  const { get, set } = useAddress();
  const status = get("status") ?? "open";
  const here = groups.filter((group) => status === "all" || group.status === status);
  const words = new Map(groups.map((group) => [group.code, bi(group.text)]));
  const names = namesOf(groups, bi, t("rejected.nobody"));
  const change = (name: string) => (value: string | undefined) => set({ [name]: value, cursor: undefined });
  const ofSource = here.filter((group) => !get("source") || group.source === get("source"));
  return (
    <div className="row gap-below" style={{ flexWrap: "wrap" }}>
      <Segmented
        aria-label={t("rejected.status")}
        value={status}
        onChange={change("status")}
        options={[
          ...STATUS.map((one) => ({
            value: one,
            label: `${t(`rejected.is.${one}`)} ${number(counted(groups, (group) => group.status).get(one) ?? 0, language)}`,
          })),
          { value: "all", label: t("rejected.is.all") },
        ]}
      />
      <Select
        aria-label={t("customer.source")}
        allowClear
        style={{ minWidth: 180 }}
        placeholder={t("rejected.anySource")}
        value={get("source")}
        onChange={change("source")}
        options={[...counted(here, (group) => group.source, get("source"))].map(([source, n]) => ({
          value: source,
          label: `${names.get(source) ?? source} (${number(n, language)})`,
        }))}
      />
      <Select
        aria-label={t("rejected.code")}
        allowClear
        style={{ minWidth: 260 }}
        placeholder={t("rejected.anyCode")}
        value={get("code")}
        onChange={change("code")}
        options={[...counted(ofSource, (group) => group.code, get("code"))].map(([one, n]) => ({
          value: one,
          label: `${words.get(one) ?? one} (${number(n, language)})`,
        }))}
      />
      <Select
        aria-label={t("rejected.when")}
        allowClear
        style={{ minWidth: 130 }}
        placeholder={t("rejected.anyTime")}
        value={get("span")}
        onChange={change("span")}
        options={SPANS.map((one) => ({ value: one, label: t(`rejected.span.${one}`) }))}
      />
      {get("import_id") && (
        <Pill tone="slate">
          {t("rejected.ofImport")}
          <Button type="link" size="small" onClick={() => change("import_id")(undefined)}>
            {t("action.remove")}
          </Button>
        </Pill>
      )}
    </div>
  );
}
