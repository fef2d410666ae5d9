/** How many people the tree means, in a sentence and with faces, while it is being written. */

import { Alert, Spin } from "antd";

import { usePreview } from "../../api/hooks";
import type { Condition } from "../../api/types";
import { useText } from "../../i18n";
import { number, share, span } from "../../lib/format";
import { complete } from "../../lib/tree";
import { CustomerTable } from "../../ui/CustomerTable";
import { Fresh } from "../../ui/Fresh";
import { Section } from "../../ui/Section";
import { Failure, Nothing } from "../../ui/States";
import { useDebounced } from "../../ui/useDebounced";

export function LiveCount({ condition }: { condition: Condition }) {
  const { t, language, bi } = useText();
  const rested = useDebounced(condition, 400);
  const whole = complete(rested);
  const preview = usePreview(whole ? rested : null);
  const { data } = preview;
  return (
    <div className="stack">
      <Section title={t("segment.live")} extra={<Fresh asOf={data?.as_of} />}>
        {!whole && <Alert type="info" showIcon title={t("segment.unfinished")} className="gap-below" />}
        {preview.error && <Failure error={preview.error} retry={() => void preview.refetch()} />}
        {preview.isLoading && <Spin aria-label={t("state.loading")} />}
        {data && (
          <div aria-live="polite" style={{ opacity: preview.isFetching ? 0.6 : 1 }}>
            <div className="count-big">{number(data.count, language)}</div>
            <div className="faint num">
              {t("segment.ofTotal", {
                total: number(data.total, language),
                share: data.total > 0 ? share(data.count / data.total, language) : "–",
                took: span(data.ms / 1000, language),
              })}
            </div>
            <p className="sentence">{bi(data.sentence)}</p>
          </div>
        )}
      </Section>
      <Section title={t("segment.examples")} help={t("segment.examplesHelp")}>
        {data && data.examples.length > 0 ? (
          <CustomerTable rows={data.examples} short />
        ) : (
          <Nothing title={t("segment.nobody")} help={t("segment.nobodyHelp")} />
        )}
      </Section>
    </div>
  );
}
