/** Bring history in from files: a wizard for one, and what became of those before it. */

import { useText } from "../../i18n";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Past } from "./imports/Past";
import { Wizard } from "./imports/Wizard";

export default function Imports() {
  const { t } = useText();
  return (
    <Page title={t("import.title")} lead={t("import.lead")}>
      <div className="stack">
        <Section title={t("import.new")}>
          <Wizard />
        </Section>
        <Section title={t("import.past")}>
          <Past />
        </Section>
      </div>
    </Page>
  );
}
