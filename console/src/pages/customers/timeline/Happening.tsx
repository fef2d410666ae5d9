/** One event: when, what, from where, and its payload when asked for. */

import { Button } from "antd";
import { memo, useState } from "react";

import type { Name, Names } from "../../../api/names";
import type { TimelineItem } from "../../../api/types";
import { useWorkspace } from "../../../app/workspace";
import { useText } from "../../../i18n";
import { Pill } from "../../../ui/Pill";
import { detailOf } from "./detail";

const COLOURS: [RegExp, string][] = [
  [/order|checkout|product|cart/i, "#0e5a5e"],
  [/message|unsubscri|consent/i, "#e0a13c"],
  [/segment|journey|holdout/i, "#86597f"],
];

function dotOf(item: TimelineItem): string {
  const name = item.name ?? item.kind;
  return COLOURS.find(([pattern]) => pattern.test(name))?.[1] ?? "#9aa8a3";
}

const CLOCKS = new Map<string, Intl.DateTimeFormat>();

/** The time of the day alone: the day stands in the heading. */
function timeOfDay(iso: string, zone: string): string {
  const known = CLOCKS.get(zone) ?? new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: zone });
  CLOCKS.set(zone, known);
  return known.format(new Date(iso));
}

interface Props {
  item: TimelineItem;
  names: Names;
  sourceName: Name;
}

export const Happening = memo(function Happening({ item, names, sourceName }: Props) {
  const words = useText();
  const { t, bi, code } = words;
  const { zone } = useWorkspace().workspace;
  const [open, setOpen] = useState(false);
  const name = item.name ? code("event", item.name) : t(`eventKind.${item.kind}`, { defaultValue: item.kind });
  const summary = bi(item.summary);
  const detail =
    detailOf(item, names, words) ??
    (summary.startsWith(name) ? summary.slice(name.length).replace(/^[:：]\s*/, "") : summary);
  return (
    <li className="happening">
      <time className="happening-time num faint" dateTime={item.happened_at}>
        {timeOfDay(item.happened_at, zone)}
      </time>
      <span className="happening-dot" style={{ background: dotOf(item) }} aria-hidden />
      <div className="happening-body">
        <div className="row">
          <strong>{name}</strong>
          {detail && <span className="happening-detail">{detail}</span>}
          <span className="grow" />
          {item.source && <Pill>{sourceName(item.source)}</Pill>}
          <Button size="small" type="link" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? t("customer.less") : t("customer.more")}
          </Button>
        </div>
        {open && (
          <>
            <p className="mono faint">{item.event_id}</p>
            <pre className="block">{JSON.stringify(item.properties, null, 2)}</pre>
          </>
        )}
      </div>
    </li>
  );
});
