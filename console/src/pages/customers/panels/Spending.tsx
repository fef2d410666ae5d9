/** What she spends, and whether she waits for a price. */

import { useText } from "../../../i18n";
import { Section } from "../../../ui/Section";
import { Facts } from "./Facts";
import type { PanelProps } from "./panel";

export function Spending({ view }: PanelProps) {
  const { t } = useText();
  return (
    <Section title={t("view.spending")} help={t("view.spendingHelp")}>
      <Facts facts={view.spending} />
    </Section>
  );
}
