/** Everything that happened to her, newest first, by day: narrowed, searched, jumped to, read in both directions.
 *
 * At most `KEPT` pages (api/customers.ts) are held, however far one scrolls: what leaves at one end is loaded again on the way back.
 */

import { Button } from "antd";
import { useEffect, useMemo, useRef } from "react";

import { useNames, useSourceName } from "../../api/names";
import { type TimelineFilter, useOutline, useTimelinePages } from "../../api/customers";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { day } from "../../lib/format";
import { Fresh } from "../../ui/Fresh";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import { Filters } from "./timeline/Filters";
import { Happening } from "./timeline/Happening";
import { rowsOf } from "./timeline/rows";

/** Calls back when its place comes near the window. */
function Sentinel({ reached }: { reached: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(reached);
  useEffect(() => {
    latest.current = reached;
  });
  useEffect(() => {
    const node = place.current;
    if (!node) return undefined;
    const observer = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && latest.current(), {
      rootMargin: "600px",
    });
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  return <div ref={place} aria-hidden />;
}

export function TimelineTab({ id }: { id: string }) {
  const { t, language } = useText();
  const { zone } = useWorkspace().workspace;
  const { get, all, set } = useAddress();
  const names = useNames();
  const sourceName = useSourceName();
  const start = get("start");
  const [kind, begin, end, q] = [get("kind"), get("begin"), get("end"), get("text")];
  const [named, sources] = [all("name").join("\n"), all("source").join("\n")];
  const filter: TimelineFilter = useMemo(() => {
    const listed = (text: string) => (text ? text.split("\n") : undefined);
    return { kind, begin, end, q, name: listed(named), source: listed(sources) };
  }, [kind, begin, end, q, named, sources]);
  const timeline = useTimelinePages(id, filter, start);
  const outline = useOutline(id, filter);
  const change = (changes: Record<string, string | readonly string[] | undefined>) => set(changes, true);
  const older = () => {
    if (timeline.hasNextPage && !timeline.isFetching) void timeline.fetchNextPage();
  };
  return (
    <Section title={t("customer.timeline")} extra={<Fresh asOf={timeline.data?.pages[0]?.as_of} />}>
      <Filters filter={filter} outline={outline.data} set={change} jump={(to) => change({ start: to })} start={start} />
      <Asked answer={timeline} rows={8}>
        {(data) => {
          const rows = rowsOf(data.pages, (iso) => day(iso, language, zone));
          if (rows.length === 0)
            return <Nothing title={t("customer.noTimeline")} help={t("customer.noTimelineHelp")} />;
          return (
            <>
              {(start ?? timeline.hasPreviousPage) && (
                <Button
                  size="small"
                  loading={timeline.isFetchingPreviousPage}
                  onClick={() => void timeline.fetchPreviousPage()}
                >
                  {t("timeline.newer")}
                </Button>
              )}
              <ol className="happenings">
                {rows.map((row) =>
                  "day" in row ? (
                    <li className="happening-day" key={`day ${row.day}`}>
                      <h3>{row.day}</h3>
                    </li>
                  ) : (
                    <Happening key={row.item.event_id} item={row.item} names={names} sourceName={sourceName} />
                  ),
                )}
              </ol>
              {timeline.hasNextPage ? (
                <>
                  <Sentinel reached={older} />
                  <Button loading={timeline.isFetchingNextPage} onClick={older}>
                    {t("customer.older")}
                  </Button>
                </>
              ) : (
                <p className="faint">{t("timeline.beginning")}</p>
              )}
            </>
          );
        }}
      </Asked>
    </Section>
  );
}
