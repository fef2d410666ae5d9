/** What she said of what she got, and what came back. */

import { useText } from "../../../i18n";
import { Section } from "../../../ui/Section";
import { Facts } from "./Facts";
import type { PanelProps } from "./panel";

export function Satisfaction({ view }: PanelProps) {
  const { t } = useText();
  const known = view.satisfaction.some((fact) => fact.n > 0);
  return (
    <Section title={t("view.satisfaction")} help={t("view.satisfactionHelp")}>
      {known ? <Facts facts={view.satisfaction} /> : <span className="faint">{t("view.noSatisfaction")}</span>}
    </Section>
  );
}
