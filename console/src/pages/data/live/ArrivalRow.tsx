import { useSourceName } from "../../../api/names";
import { useWorkspace } from "../../../app/workspace";
import { useText } from "../../../i18n";
import { clockTime } from "../../../lib/format";
import { Pill, type Tone } from "../../../ui/Pill";
import { type Arrival, saysItIs, type Verdict } from "./arrival";

export const TONES: Record<Verdict, Tone> = { accepted: "good", warned: "lamp", rejected: "bad" };

function useWords() {
  const { t, bi, code } = useText();
  return (arrival: Arrival): { name: string; about: string; source: string } => {
    if (arrival.verdict === "rejected") {
      const { item } = arrival;
      const field = item.reason.field ? ` · ${item.reason.field}` : "";
      const name = saysItIs(item);
      return {
        name: name ? code("event", name) : t("live.unnamed"),
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

export function ArrivalRow({ arrival, open }: { arrival: Arrival; open: () => void }) {
  const { t, language } = useText();
  const sourceName = useSourceName();
  const { zone } = useWorkspace().workspace;
  const { name, about, source } = useWords()(arrival);
  return (
    <li>
      <button type="button" className="live-item arrival" onClick={open}>
        <span className="num faint">{clockTime(arrival.at, language, zone)}</span>
        <span>
          <Pill tone={TONES[arrival.verdict]}>{t(`verdict.${arrival.verdict}`)}</Pill>
        </span>
        <span className="live-name">{name}</span>
        <span className={arrival.verdict === "accepted" ? "mono faint" : "faint"}>{about}</span>
        <span>
          <Pill tone={source === "homing" ? "lamp" : "quiet"}>{sourceName(source)}</Pill>
        </span>
      </button>
    </li>
  );
}
