/** A time: how long ago by the workspace's clock, the full date on hover. */

import { Tooltip } from "antd";

import { useNow, useWorkspace } from "../app/workspace";
import { useText } from "../i18n";
import { ago, NOTHING, timeWithSeconds } from "../lib/format";

export function Moment({ at }: { at: string | null | undefined }) {
  const { language } = useText();
  const { zone } = useWorkspace().workspace;
  const now = useNow();
  if (!at) return <span className="faint">{NOTHING}</span>;
  return (
    <Tooltip title={`${timeWithSeconds(at, language, zone)} (${zone})`}>
      <time dateTime={at}>{ago(at, now, language)}</time>
    </Tooltip>
  );
}
