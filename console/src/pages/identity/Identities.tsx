/** What waits for somebody who knows: conflicts, values that do not link, and the rules that decide the rest. */

import { Tabs } from "antd";

import { useText } from "../../i18n";
import { Page } from "../../ui/Page";
import { useAddress } from "../../ui/useAddress";
import { LinkQueue } from "../linkage/LinkQueue";
import { BlockedValues } from "./BlockedValues";
import { Conflicts } from "./Conflicts";
import { RulesInForce } from "./RulesInForce";

/** What belongs to one of the tabs and not to the next. */
const CLEARED = { cursor: undefined, status: undefined, type: undefined, value: undefined };

export default function Identities() {
  const { t } = useText();
  const { get, set } = useAddress();
  return (
    <Page title={t("identities.title")} lead={t("identities.lead")}>
      <Tabs
        activeKey={get("tab") ?? "conflicts"}
        onChange={(tab) => set({ ...CLEARED, tab: tab === "conflicts" ? undefined : tab })}
        destroyOnHidden
        items={[
          { key: "conflicts", label: t("identities.conflicts"), children: <Conflicts /> },
          { key: "pairs", label: t("identities.pairs"), children: <LinkQueue /> },
          { key: "blocked", label: t("identities.blocked"), children: <BlockedValues /> },
          { key: "rules", label: t("identities.rules"), children: <RulesInForce /> },
        ]}
      />
    </Page>
  );
}
