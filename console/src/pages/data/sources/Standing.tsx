import type { SourceRow } from "../../../api/sources";
import { useText } from "../../../i18n";
import { Pill, type Tone } from "../../../ui/Pill";

const TONES: Record<string, Tone> = {
  idle: "good",
  listening: "good",
  called: "good",
  running: "sea",
  due: "sea",
  retrying: "lamp",
  paused: "lamp",
  stopped: "bad",
};

/** How a source is doing, and why when it is not well. */
export function Standing({ source }: { source: Pick<SourceRow, "state" | "error"> }) {
  const { t } = useText();
  return (
    <>
      <Pill tone={TONES[source.state] ?? "quiet"}>{t(`sources.is.${source.state}`)}</Pill>
      {source.error && <div className="source-error">{source.error}</div>}
    </>
  );
}
