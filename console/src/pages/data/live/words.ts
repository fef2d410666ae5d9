/** What an arrival is called in a row and over its details, and what is said of it. */

import { useText } from "../../../i18n";
import { type Arrival, saysItIs } from "./arrival";

export function useWords() {
  const { t, bi, code } = useText();
  return (arrival: Arrival): { name: string; about: string; source: string } => {
    if (arrival.verdict === "rejected") {
      const { item } = arrival;
      const field = item.reason.field ? ` · ${item.reason.field}` : "";
      const name = saysItIs(item);
      const call = name ? t(`eventKind.${name}`, { defaultValue: "" }) : "";
      return {
        name: call || (name ? code("event", name) : t("live.unnamed")),
        about: `${bi(item.reason.text)}${field}`,
        source: item.source,
      };
    }
    const { event } = arrival;
    const kind = t(`eventKind.${event.kind}`, { defaultValue: event.kind });
    const name =
      event.kind === "track" ? code("event", event.name) : event.name === event.kind ? kind : `${kind} · ${event.name}`;
    const warning = event.violations?.[0];
    const about = warning ? `${bi(warning.text)}${warning.field ? ` · ${warning.field}` : ""}` : event.customer_id;
    return { name, about: about ?? t("live.nobody"), source: event.source };
  };
}
