/** How fresh is this number: the moment it is right for and how far that is behind. */

import { Tooltip } from "antd";

import { useWorkspace } from "../app/workspace";
import { useText } from "../i18n";
import { span, timeWithSeconds } from "../lib/format";

export function Fresh({ asOf, lagMs }: { asOf: string | null | undefined; lagMs?: number | null }) {
  const { t, language } = useText();
  const { zone } = useWorkspace().workspace;
  if (!asOf) return <span className="fresh">{t("fresh.never")}</span>;
  const at = timeWithSeconds(asOf, language, zone);
  const late = lagMs !== null && lagMs !== undefined;
  const words = late
    ? t("fresh.lag", { lag: `${lagMs < 1000 ? "< " : ""}${span(Math.max(1, lagMs / 1000), language)}` })
    : t("fresh.asOf", { at });
  return (
    <Tooltip title={t("fresh.asOf", { at })}>
      <span className="fresh">
        <span className={late && lagMs > 60_000 ? "dot dot-late" : "dot"} aria-hidden />
        {words}
      </span>
    </Tooltip>
  );
}
