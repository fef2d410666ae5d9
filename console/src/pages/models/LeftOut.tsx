/** Which features a model did not get because they are the answer, by the family they are of. */

import { useText } from "../../i18n";

export function LeftOut({ features }: { features: string[] }) {
  const { t } = useText();
  if (features.length === 0) return null;
  const families = new Map<string, string[]>();
  for (const one of features) {
    const [family = "", ...rest] = one.split(".");
    const name = rest.join(".").replaceAll("_", " ") || family;
    families.set(family, [...(families.get(family) ?? []), name]);
  }
  const said = [...families].map(
    ([family, names]) => `${t(`models.family.${family}`, { defaultValue: family })} (${names.join(", ")})`,
  );
  return (
    <p className="section-help gap-above">
      {t("models.leftOut")} {said.join(t("view.listComma"))}
    </p>
  );
}
