/** Everything that happened to her, newest first, by the day it happened. */

import { Button, Segmented, Timeline } from "antd";
import { useState } from "react";

import { useTimeline } from "../../api/hooks";
import type { TimelineItem } from "../../api/types";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { time } from "../../lib/format";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";

const COLOURS: [RegExp, string][] = [
  [/order|checkout|product|cart/i, "#0e5a5e"],
  [/message|unsubscri|consent/i, "#e0a13c"],
  [/segment|journey|holdout/i, "#86597f"],
];

function dotOf(item: TimelineItem): string {
  const name = item.name ?? item.kind;
  return COLOURS.find(([pattern]) => pattern.test(name))?.[1] ?? "#9aa8a3";
}

function Happening({ item }: { item: TimelineItem }) {
  const { t, bi, code } = useText();
  const [open, setOpen] = useState(false);
  return (
    <div>
      <div className="row">
        <strong>
          {item.name ? code("event", item.name) : t(`eventKind.${item.kind}`, { defaultValue: item.kind })}
        </strong>
        {item.source && <Pill>{code("source", item.source)}</Pill>}
        <Button size="small" type="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t("customer.less") : t("customer.more")}
        </Button>
      </div>
      {item.summary && <div className="faint">{bi(item.summary)}</div>}
      {open && <pre className="block">{JSON.stringify(item.properties, null, 2)}</pre>}
    </div>
  );
}

const KINDS = ["", "track", "identify", "page"];

export function TimelineTab({ id }: { id: string }) {
  const { t, language } = useText();
  const { zone } = useWorkspace().workspace;
  const [kind, setKind] = useState("");
  const timeline = useTimeline(id, kind || undefined);
  return (
    <Section
      title={t("customer.timeline")}
      extra={
        <Segmented
          size="small"
          aria-label={t("customer.kinds")}
          value={kind}
          onChange={setKind}
          options={KINDS.map((one) => ({ value: one, label: one ? t(`eventKind.${one}`) : t("customer.allKinds") }))}
        />
      }
    >
      <Asked answer={timeline} rows={8}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items);
          if (items.length === 0)
            return <Nothing title={t("customer.noTimeline")} help={t("customer.noTimelineHelp")} />;
          return (
            <>
              <Timeline
                items={items.map((item) => ({
                  key: item.event_id,
                  color: dotOf(item),
                  content: (
                    <>
                      <div className="faint num">{time(item.happened_at, language, zone)}</div>
                      <Happening item={item} />
                    </>
                  ),
                }))}
              />
              {timeline.hasNextPage && (
                <Button loading={timeline.isFetchingNextPage} onClick={() => void timeline.fetchNextPage()}>
                  {t("customer.older")}
                </Button>
              )}
            </>
          );
        }}
      </Asked>
    </Section>
  );
}
