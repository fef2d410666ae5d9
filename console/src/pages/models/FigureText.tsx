/** A figure with its interval and its n, in small. */

import type { Figure } from "../../api/models";
import { useText } from "../../i18n";
import { number } from "../../lib/format";

export function FigureText({ of, write }: { of: Figure; write: (value: number) => string }) {
  const { t, language } = useText();
  return (
    <span className="num" title={t("models.ofN", { n: number(of.n, language) })}>
      {write(of.estimate)}{" "}
      <span className="faint">
        {write(of.low)} – {write(of.high)}
      </span>
    </span>
  );
}
