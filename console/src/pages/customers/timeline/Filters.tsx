/** Narrow a timeline by kind, event, source, time and text, with how many events each would leave; jump to a day. */

import { SearchOutlined } from "@ant-design/icons";
import { Button, Input, Segmented, Select } from "antd";
import { useEffect, useRef, useState } from "react";

import { useSourceName } from "../../../api/names";
import type { Outline, TimelineFilter } from "../../../api/customers";
import { useText } from "../../../i18n";
import { calendarDay, number } from "../../../lib/format";
import { useDebounced } from "../../../ui/useDebounced";
import { barsOf } from "./rows";

const KINDS = ["", "order", "browse", "message", "journey", "page", "identify"];
const BARS = 72;

interface Props {
  filter: TimelineFilter;
  outline: Outline | undefined;
  set: (changes: Record<string, string | readonly string[] | undefined>) => void;
  jump: (day: string | undefined) => void;
  start: string | undefined;
}

function Bars({ outline, jump, start }: Pick<Props, "outline" | "jump" | "start">) {
  const { t, language } = useText();
  const bars = barsOf(outline?.days ?? [], BARS);
  const most = Math.max(1, ...bars.map((bar) => bar.n));
  if (bars.length < 2) return null;
  return (
    <div className="time-bars" role="group" aria-label={t("timeline.bars")}>
      {bars.map((bar, index) => {
        const until = bars[index + 1]?.from;
        const words = `${calendarDay(bar.from, language)} · ${t("view.events", { n: number(bar.n, language), count: bar.n })}`;
        const here = start !== undefined && start > bar.from && (until === undefined || start <= until);
        return (
          <button
            key={bar.from}
            type="button"
            tabIndex={-1}
            className={here ? "time-bar time-bar-here" : "time-bar"}
            aria-label={words}
            title={words}
            disabled={bar.n === 0}
            onClick={() => jump(until)}
          >
            <span style={{ height: `${bar.n === 0 ? 0 : Math.max(6, (100 * bar.n) / most)}%` }} />
          </button>
        );
      })}
    </div>
  );
}

export function Filters({ filter, outline, set, jump, start }: Props) {
  const { t, code, language } = useText();
  const sourceName = useSourceName();
  const [typed, setTyped] = useState(filter.q ?? "");
  const wanted = useDebounced(typed.trim());
  const applied = useRef(wanted);
  useEffect(() => {
    if (applied.current === wanted) return; // only what was typed since: clearing is faster than typing settles
    applied.current = wanted;
    if ((filter.q ?? "") !== wanted) set({ text: wanted || undefined, start: undefined });
  }, [wanted, filter.q, set]);
  const names = new Map<string, number>();
  for (const one of outline?.names ?? []) if (one.name) names.set(one.name, (names.get(one.name) ?? 0) + one.n);
  const counted = (label: string, n: number) => `${label} · ${number(n, language)}`;
  const filtered = Object.values(filter).some((value) => (Array.isArray(value) ? value.length > 0 : Boolean(value)));
  return (
    <div className="time-filters">
      <Segmented
        aria-label={t("customer.kinds")}
        value={filter.kind ?? ""}
        onChange={(kind) => set({ kind: kind || undefined })}
        options={KINDS.map((one) => ({ value: one, label: one ? t(`timeline.kind.${one}`) : t("customer.allKinds") }))}
      />
      <div className="filters">
        <Input
          allowClear
          prefix={<SearchOutlined aria-hidden />}
          style={{ width: 240 }}
          placeholder={t("timeline.search")}
          aria-label={t("timeline.search")}
          maxLength={100}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Select
          mode="multiple"
          allowClear
          maxTagCount="responsive"
          style={{ minWidth: 220 }}
          placeholder={t("timeline.anyEvent")}
          aria-label={t("timeline.anyEvent")}
          value={[...(filter.name ?? [])]}
          onChange={(chosen: string[]) => set({ name: chosen })}
          options={[...names].map(([name, n]) => ({ value: name, label: counted(code("event", name), n) }))}
        />
        <Select
          mode="multiple"
          allowClear
          maxTagCount="responsive"
          style={{ minWidth: 170 }}
          placeholder={t("timeline.anySource")}
          aria-label={t("timeline.anySource")}
          value={[...(filter.source ?? [])]}
          onChange={(chosen: string[]) => set({ source: chosen })}
          options={(outline?.sources ?? []).map((one) => ({
            value: one.source,
            label: counted(sourceName(one.source), one.n),
          }))}
        />
        <label className="time-day">
          {t("timeline.from")}
          <Input
            type="date"
            value={filter.begin ?? ""}
            onChange={(event) => set({ begin: event.target.value || undefined })}
          />
        </label>
        <label className="time-day">
          {t("timeline.until")}
          <Input
            type="date"
            value={filter.end ?? ""}
            onChange={(event) => set({ end: event.target.value || undefined })}
          />
        </label>
        {filtered && (
          <Button
            onClick={() => {
              setTyped("");
              set({
                kind: undefined,
                name: undefined,
                source: undefined,
                begin: undefined,
                end: undefined,
                text: undefined,
              });
            }}
          >
            {t("timeline.clear")}
          </Button>
        )}
      </div>
      <Bars outline={outline} jump={jump} start={start} />
      <div className="row">
        <span className="faint num" role="status">
          {outline && t("view.events", { n: number(outline.total, language), count: outline.total })}
        </span>
        <label className="time-day">
          {t("timeline.jump")}
          <Input
            type="date"
            size="small"
            value={start ?? ""}
            onChange={(event) => jump(event.target.value || undefined)}
          />
        </label>
        {start && (
          <Button size="small" onClick={() => jump(undefined)}>
            {t("timeline.toNewest")}
          </Button>
        )}
      </div>
    </div>
  );
}
