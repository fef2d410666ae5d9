/** A timeline's pages as rows: a heading where the day changes, then what happened on it. */

import type { TimelineItem } from "../../../api/types";

export type Row = { day: string; at: string } | { item: TimelineItem };

/** Rows of events, newest first, with a heading for each day that `dayOf` tells apart; an event is shown once. */
export function rowsOf(pages: readonly { items: readonly TimelineItem[] }[], dayOf: (iso: string) => string): Row[] {
  const rows: Row[] = [];
  const seen = new Set<string>();
  let day = "";
  for (const item of pages.flatMap((page) => page.items)) {
    if (seen.has(item.event_id)) continue;
    seen.add(item.event_id);
    const its = dayOf(item.happened_at);
    if (its !== day) rows.push({ day: (day = its), at: item.happened_at });
    rows.push({ item });
  }
  return rows;
}

/** Days with their counts as at most `most` bars from the oldest to the newest; days nothing happened on count too. */
export function barsOf(days: readonly { day: string; n: number }[], most: number): { from: string; n: number }[] {
  if (days.length === 0) return [];
  const number = (day: string) => Math.floor(Date.parse(`${day}T00:00:00Z`) / 86_400_000);
  const text = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
  const numbers = days.map((one) => number(one.day));
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const width = Math.max(1, Math.ceil((last - first + 1) / most));
  const bars = Array.from({ length: Math.ceil((last - first + 1) / width) }, (_, index) => ({
    from: text(first + index * width),
    n: 0,
  }));
  for (const one of days) {
    const bar = bars[Math.floor((number(one.day) - first) / width)];
    if (bar) bar.n += one.n;
  }
  return bars;
}
