/** Where in a file or a batch a refused item stood, in words; any other place is its own word. */

import type { TFunction } from "i18next";

export function placeIn(place: string, t: TFunction): string {
  const [, what, n] = /^(row|item) (\d+)$/.exec(place) ?? [];
  if (place === "request") return t("rejected.places.request");
  return what ? t(`rejected.places.${what}`, { n }) : place;
}
