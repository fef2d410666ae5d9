import { useSourceName } from "../../../api/names";
import { useWorkspace } from "../../../app/workspace";
import { useText } from "../../../i18n";
import { clockTime } from "../../../lib/format";
import { Pill, type Tone } from "../../../ui/Pill";
import type { Arrival, Verdict } from "./arrival";
import { useWords } from "./words";

export const TONES: Record<Verdict, Tone> = { accepted: "good", warned: "lamp", rejected: "bad" };

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
