/** By which rules identifiers are joined here; changed by a document, like everything that steers. */

import { Table } from "antd";

import { useRules } from "../../api/identity";
import { useText } from "../../i18n";
import { number, span } from "../../lib/format";
import { Section } from "../../ui/Section";
import { Asked } from "../../ui/States";

export function RulesInForce() {
  const { t, code, language } = useText();
  const rules = useRules();
  return (
    <Asked answer={rules} rows={8}>
      {(data) => (
        <Section
          title={data.document ? t("identities.rulesOwn") : t("identities.rulesShipped")}
          help={t("identities.rulesHelp")}
        >
          <Table
            rowKey="type"
            size="small"
            pagination={false}
            dataSource={data.types}
            scroll={{ x: "max-content" }}
            columns={[
              { key: "type", title: t("identity.type"), render: (_, rule) => code("idType", rule.type) },
              { key: "priority", title: t("identities.priority"), render: (_, rule) => rule.priority },
              { key: "limit", title: t("identities.limit"), render: (_, rule) => number(rule.limit, language) },
              {
                key: "window",
                title: t("identities.window"),
                render: (_, rule) => (rule.window_s ? span(rule.window_s, language) : t("identities.always")),
              },
              {
                key: "immutable",
                title: t("identities.immutable"),
                render: (_, rule) => (rule.immutable ? "✓" : "–"),
              },
              {
                key: "shared",
                title: t("identities.sharedAfter"),
                render: (_, rule) => (rule.shared_after ? number(rule.shared_after, language) : t("identities.never")),
              },
            ]}
          />
        </Section>
      )}
    </Asked>
  );
}
