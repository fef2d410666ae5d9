/** What the definition comes to now: its sentence, how many customers have a value, and what it is of some. */

import { Spin, Table } from "antd";
import { Link } from "react-router";

import { type TraitDocument, type TraitPreview, useTraitPreview } from "../../api/traits";
import { useText } from "../../i18n";
import { number, share } from "../../lib/format";
import { Fresh } from "../../ui/Fresh";
import { Section } from "../../ui/Section";
import { Failure, Nothing } from "../../ui/States";
import { useDebounced } from "../../ui/useDebounced";
import { TraitValue } from "./TraitValue";

type Example = TraitPreview["examples"][number];

export function TraitPreviewPane({ document }: { document: TraitDocument }) {
  const { t, bi, language } = useText();
  const rested = useDebounced(document, 500);
  const preview = useTraitPreview({ ...rested, id: rested.id || "preview", name: { en: "preview", zh: "" } });
  const data = preview.data;
  return (
    <Section title={t("traits.preview")} help={t("traits.previewHelp")} extra={<Fresh asOf={data?.as_of} />}>
      {preview.error && <Failure error={preview.error} />}
      {!data && preview.isFetching && <Spin aria-label={t("state.loading")} />}
      {data && !preview.error && (
        <div aria-live="polite" aria-busy={preview.isFetching}>
          <p className="sentence">{bi(data.sentence)}</p>
          <p className="num">
            {t("traits.covers", {
              n: number(data.coverage.n, language),
              total: number(data.coverage.total, language),
              share: data.coverage.share === null ? "–" : share(data.coverage.share, language),
            })}
          </p>
          <Table<Example>
            rowKey="customer_id"
            size="small"
            dataSource={data.examples}
            pagination={false}
            locale={{ emptyText: <Nothing title={t("traits.nobody")} /> }}
            columns={[
              {
                key: "who",
                title: t("traits.customer"),
                render: (_, one) => <Link to={`/customers/${one.customer_id}`}>{one.name}</Link>,
              },
              { key: "value", title: t("traits.value"), render: (_, one) => <TraitValue value={one.value} /> },
            ]}
          />
        </div>
      )}
    </Section>
  );
}
