/** What stood where something else was wanted, for who may see it. */

import type { Rejected } from "../../../api/types";
import { useText } from "../../../i18n";

export function Met({ reason }: { reason: Rejected["reason"] }) {
  const { t } = useText();
  if (!reason.met?.length) return null;
  return (
    <div className="faint">
      {t("rejected.met", { field: reason.field })}{" "}
      {reason.met.map((value, at) => (
        <code key={at}>{JSON.stringify(value)} </code>
      ))}
    </div>
  );
}
