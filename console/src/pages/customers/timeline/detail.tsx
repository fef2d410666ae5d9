/** What an event is about, with names where it carries ids, and a way to the thing itself. */

import type { ReactNode } from "react";
import { Link } from "react-router";

import type { Names } from "../../../api/names";
import type { TimelineItem } from "../../../api/types";
import type { useText } from "../../../i18n";
import { money } from "../../../lib/format";

type Kind = Parameters<Names>[0];
const ABOUT: [RegExp, Kind, string][] = [
  [/^Segment /, "segment", "/segments"],
  [/^Tag /, "tag", "/tags"],
  [/^(Journey|Holdout) /, "journey", "/journeys"],
];

/** Null where the server's own line says it as well. */
export function detailOf(item: TimelineItem, names: Names, { code, language }: ReturnType<typeof useText>): ReactNode {
  const said = item.properties;
  const name = item.name ?? "";
  const text = (key: string) => (typeof said[key] === "string" ? said[key] : "");
  if (name === "Order Completed" && typeof said.revenue === "number" && /^[A-Z]{3}$/.test(text("currency"))) {
    const lines = Array.isArray(said.products) ? said.products.length : 0;
    return `${money(said.revenue, text("currency"), language)}${lines ? ` · ×${lines}` : ""}`;
  }
  const about = ABOUT.find(([pattern]) => pattern.test(name));
  const id = about ? text(about[1]) : "";
  if (about && id) {
    const given = said.value;
    const value = typeof given === "string" || typeof given === "number" ? `: ${given}` : "";
    return (
      <>
        <Link to={`${about[2]}/${encodeURIComponent(id)}`}>{names(about[1], id)}</Link>
        {value}
      </>
    );
  }
  if (name === "Stage Changed")
    return (
      <Link to={`/lifecycle?model=${encodeURIComponent(text("model"))}`}>{names("lifecycle", text("model"))}</Link>
    );
  if (name.startsWith("Message ") && text("content")) {
    const why = text("reason") && ` · ${code("reason", text("reason"))}`;
    return `${names("content", text("content"))}${why}`;
  }
  return null;
}
