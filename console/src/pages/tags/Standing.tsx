/** How far a tag is: in force, and what is being asked of its newest version. */

import type { TagRow } from "../../api/marks";
import { useText } from "../../i18n";
import { Pill, type Tone } from "../../ui/Pill";

const TONES: Record<string, Tone> = { proposed: "lamp", approved: "good", rejected: "bad" };

export function Standing({ tag }: { tag: TagRow }) {
  const { t } = useText();
  const ahead = tag.live_version === null || tag.live_version < tag.version;
  return (
    <>
      {tag.live_version !== null && <Pill tone="good">{t("tag.live")}</Pill>}{" "}
      {ahead && <Pill tone={TONES[tag.approval] ?? "quiet"}>{t(`tag.approvals.${tag.approval}`)}</Pill>}
    </>
  );
}
