/** Which features speak for and against, the strongest first, and which were left out because they are the answer. */

import { Table } from "antd";

import type { Feature } from "../../api/models";
import { useText } from "../../i18n";
import { signed } from "../../lib/format";
import { Section } from "../../ui/Section";
import { LeftOut } from "./LeftOut";

const SHOWN = 10;

export function FeatureWeights({ features, leftOut }: { features: Feature[]; leftOut: string[] }) {
  const { t, bi, language } = useText();
  const most = Math.max(...features.map((one) => Math.abs(one.weight ?? 0)), 1e-9);
  return (
    <Section title={t("models.weights")} help={t("models.weightsHelp")}>
      <Table
        rowKey="feature"
        size="small"
        pagination={false}
        dataSource={features.slice(0, SHOWN)}
        columns={[
          { key: "label", title: t("models.feature"), render: (_, one) => bi(one.label) },
          {
            key: "bar",
            title: t("models.weight"),
            width: "46%",
            render: (_, one) => (
              <div className="weight">
                <span
                  aria-hidden
                  className={(one.weight ?? 0) < 0 ? "weight-bar weight-less" : "weight-bar"}
                  style={{ width: `${(70 * Math.abs(one.weight ?? 0)) / most}%` }}
                />
                <span className="num">{signed(one.weight ?? 0, language)}</span>
              </div>
            ),
          },
        ]}
      />
      <LeftOut features={leftOut} />
    </Section>
  );
}
