import { Input, Segmented, Select } from "antd";

import { useSourceName } from "../../../api/names";
import { useText } from "../../../i18n";
import type { Verdict, Wanted } from "./arrival";

const VERDICTS: (Verdict | "")[] = ["", "accepted", "warned", "rejected"];

export function Filters(props: { wanted: Wanted; sources: string[]; set: (changes: Record<string, string>) => void }) {
  const { t } = useText();
  const sourceName = useSourceName();
  const { wanted, sources, set } = props;
  return (
    <>
      <Segmented<Verdict | "">
        aria-label={t("live.verdict")}
        value={wanted.verdict ?? ""}
        onChange={(verdict) => set({ verdict })}
        options={VERDICTS.map((value) => ({ value, label: t(value ? `verdict.${value}` : "live.all") }))}
      />
      <Select
        style={{ minWidth: 160 }}
        aria-label={t("live.anySource")}
        value={wanted.source ?? ""}
        onChange={(source) => set({ source })}
        options={[
          { value: "", label: t("live.anySource") },
          ...sources.map((value) => ({ value, label: sourceName(value) })),
        ]}
      />
      <Input
        allowClear
        style={{ width: 200 }}
        placeholder={t("live.name")}
        aria-label={t("live.name")}
        value={wanted.name ?? ""}
        onChange={(event) => set({ name: event.target.value })}
      />
      <Input
        allowClear
        style={{ width: 260 }}
        placeholder={t("live.id")}
        aria-label={t("live.id")}
        value={wanted.id ?? ""}
        onChange={(event) => set({ id: event.target.value })}
      />
    </>
  );
}
