/** What came to a door: an event that stands in the log now, with warnings or without, or an item that was refused. */

import type { LiveEvent, Rejected } from "../../../api/types";

export type Verdict = "accepted" | "warned" | "rejected";

export type Arrival =
  | { key: string; at: string; verdict: "accepted" | "warned"; event: LiveEvent }
  | { key: string; at: string; verdict: "rejected"; item: Rejected };

export interface Wanted {
  source?: string;
  name?: string;
  /** A customer's id, or any identifier of hers. */
  id?: string;
  verdict?: Verdict;
}

export const ofEvent = (event: LiveEvent): Arrival => ({
  key: event.event_id,
  at: event.received_at,
  verdict: (event.violations ?? []).length > 0 ? "warned" : "accepted",
  event,
});

export const ofRejected = (item: Rejected): Arrival => ({
  key: `rejected:${item.rejected_id}`,
  at: item.at,
  verdict: "rejected",
  item,
});

function refusedIsWanted({ source, name, id }: Wanted, item: Rejected): boolean {
  const body = item.body ?? "";
  if (source && item.source !== source) return false;
  if (name && !body.toLowerCase().includes(name.toLowerCase())) return false;
  return !id || body.includes(`"${id}"`);
}

function eventIsWanted({ source, name, id }: Wanted, event: LiveEvent): boolean {
  if (source && event.source !== source) return false;
  if (name && !event.name.toLowerCase().includes(name.toLowerCase())) return false;
  return !id || event.customer_id === id || event.ids.some((one) => one.value === id);
}

/** Whether an arrival is wanted, by the rules that the server goes by for those that are still to come. */
export function wants(wanted: Wanted, arrival: Arrival): boolean {
  const { verdict } = wanted;
  if (verdict && verdict !== arrival.verdict && !(verdict === "accepted" && arrival.verdict === "warned")) return false;
  return arrival.verdict === "rejected" ? refusedIsWanted(wanted, arrival.item) : eventIsWanted(wanted, arrival.event);
}

/** A name for the list: of an event its own, of a refused item the event it names, or what its text says of itself. */
export function saysItIs(item: Rejected): string | null {
  if (item.event) return item.event;
  try {
    const read = JSON.parse(item.body ?? "") as { event?: unknown; name?: unknown; type?: unknown };
    const said = read.event ?? read.name ?? read.type;
    return typeof said === "string" && said ? said : null;
  } catch {
    return null;
  }
}
