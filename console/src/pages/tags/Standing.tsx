/** How far a tag is: in force, and what is being asked of its newest version. */

import type { TagRow } from "../../api/marks";
import { useText } from "../../i18n";
import { Pill, type Tone } from "../../ui/Pill";

const TONES: Record<string, Tone> = { proposed: "lamp", approved: "good", rejected: "bad" };

/** Whether its newest version is not in force. */
export const isAhead = (tag: TagRow): boolean => tag.live_version === null || tag.live_version < tag.version;

export const toneOf = (tag: TagRow): Tone => TONES[tag.approval] ?? "quiet";

export function Standing({ tag }: { tag: TagRow }) {
  const { t } = useText();
  return (
    <>
      {tag.live_version !== null && <Pill tone="good">{t("tag.live")}</Pill>}{" "}
      {isAhead(tag) && <Pill tone={toneOf(tag)}>{t(`tag.approvals.${tag.approval}`)}</Pill>}
    </>
  );
}
