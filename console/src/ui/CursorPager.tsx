/** First and next page of a list that has a cursor and no page numbers. The cursor lives in the address. */

import { Button } from "antd";
import type { ReactNode } from "react";

import { useText } from "../i18n";
import { number } from "../lib/format";

interface Props {
  next: string | null | undefined;
  cursor: string | undefined;
  /** How many there are in all, or what is said of that. */
  total: ReactNode | number | null | undefined;
  go: (cursor: string | undefined) => void;
}

export function CursorPager({ next, cursor, total, go }: Props) {
  const { t, language } = useText();
  if (!cursor && !next && total === 0) return null;
  return (
    <div className="pager">
      <span className="faint num">
        {typeof total === "number" ? t("pager.total", { total: number(total, language), count: total }) : total}
      </span>
      <span className="pager-buttons">
        {cursor && <Button onClick={() => go(undefined)}>{t("pager.first")}</Button>}
        {(cursor || next) && (
          <Button disabled={!next} onClick={() => go(next ?? undefined)}>
            {t("pager.next")}
          </Button>
        )}
      </span>
    </div>
  );
}
