/** What is bought together: each rule with how sure and how much more than chance; what a shorter rule says is folded. */

import { Input, Switch, Table } from "antd";
import { useState } from "react";

import type { Rule, RulesCard } from "../../api/models";
import { useText } from "../../i18n";
import { number, share } from "../../lib/format";
import { Section } from "../../ui/Section";
import { Nothing } from "../../ui/States";
import { FigureText } from "./FigureText";
import { ModelPage } from "./ModelPage";

const words = (rule: Rule) => [...rule.left, rule.right].map((one) => one.name).join(" ");

function Found({ card }: { card: RulesCard }) {
  const { t, language } = useText();
  const [all, setAll] = useState(false);
  const [search, setSearch] = useState("");
  const shown = card.rules.filter(
    (rule) => (all || !rule.redundant) && words(rule).toLowerCase().includes(search.trim().toLowerCase()),
  );
  const lead = t("models.association.found", {
    n: number(card.significant, language),
    tested: number(card.tested, language),
    baskets: number(card.data.baskets, language),
    level: share(card.level, language, 0),
  });
  return (
    <Section title={t("models.association.rules")} help={lead}>
      {card.rules.length > 0 && (
        <div className="row gap-below">
          <Input.Search
            allowClear
            aria-label={t("models.association.search")}
            placeholder={t("models.association.search")}
            style={{ maxWidth: 320 }}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
          <Switch aria-label={t("models.association.redundant")} checked={all} onChange={setAll} />
          <span>{t("models.association.redundant")}</span>
        </div>
      )}
      {shown.length === 0 ? (
        <Nothing title={t("models.association.nothing")} help={t("models.association.nothingHelp")} />
      ) : (
        <Table<Rule>
          rowKey={(rule) => `${rule.left.map((one) => one.id).join("+")}>${rule.right.id}`}
          size="small"
          dataSource={shown}
          scroll={{ x: "max-content" }}
          pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
          columns={[
            {
              key: "left",
              title: t("models.association.left"),
              render: (_, rule) => rule.left.map((one) => one.name).join(" + "),
            },
            { key: "right", title: t("models.association.right"), render: (_, rule) => rule.right.name },
            {
              key: "support",
              title: t("models.association.support"),
              align: "right",
              className: "num",
              sorter: (a, b) => a.support - b.support,
              render: (_, rule) => (
                <span title={t("models.association.together", { n: number(rule.together, language) })}>
                  {share(rule.support, language, 2)}
                </span>
              ),
            },
            {
              key: "confidence",
              title: t("models.association.confidence"),
              align: "right",
              sorter: (a, b) => a.confidence.estimate - b.confidence.estimate,
              render: (_, rule) => <FigureText of={rule.confidence} write={(x) => share(x, language)} />,
            },
            {
              key: "lift",
              title: t("models.association.lift"),
              align: "right",
              sorter: (a, b) => a.lift.estimate - b.lift.estimate,
              render: (_, rule) => <FigureText of={rule.lift} write={(x) => number(x, language, 2)} />,
            },
            {
              key: "q",
              title: t("models.q"),
              align: "right",
              className: "num",
              render: (_, rule) => (rule.q < 1e-4 ? "< 0.0001" : number(rule.q, language, 4)),
            },
          ]}
        />
      )}
    </Section>
  );
}

export default function Rules() {
  return <ModelPage<RulesCard> kind="association">{(card) => <Found card={card} />}</ModelPage>;
}
