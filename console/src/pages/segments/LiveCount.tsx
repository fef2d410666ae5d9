/** How many people the tree means, in a sentence and with faces: about, from a share of them, and then exactly. */

import { Alert, Spin } from "antd";

import type { usePreview } from "../../api/hooks";
import type { SegmentPreview } from "../../api/types";
import { useText } from "../../i18n";
import { number, share, span } from "../../lib/format";
import { CustomerTable } from "../../ui/CustomerTable";
import { Fresh } from "../../ui/Fresh";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Failure, Nothing } from "../../ui/States";

interface Props {
  preview: ReturnType<typeof usePreview>;
  /** Is every condition filled in? */
  whole: boolean;
  /** Is what the server refuses said where it is written? */
  said: boolean;
}

function Count({ data, busy, pale }: { data: SegmentPreview; busy: boolean; pale: boolean }) {
  const { t, language, bi } = useText();
  const about = !data.exact;
  return (
    <div aria-live="polite" aria-busy={busy} style={{ opacity: pale ? 0.6 : 1 }}>
      <div className="count-line">
        <div className="count-big">{`${about ? "≈ " : ""}${number(data.count, language)}`}</div>
        <Pill tone={about ? "lamp" : "good"}>{t(about ? "segment.about" : "segment.exact")}</Pill>
      </div>
      {about && (
        <div className="faint num">
          {t("segment.interval", {
            low: number(data.low ?? 0, language),
            high: number(data.high ?? data.total, language),
            sampled: number(data.sampled ?? 0, language),
          })}
        </div>
      )}
      <div className="faint num">
        {t("segment.ofTotal", {
          total: number(data.total, language),
          share: data.total > 0 ? share(data.count / data.total, language) : "–",
          took: span(data.ms / 1000, language),
        })}
      </div>
      <p className="sentence">{bi(data.sentence)}</p>
    </div>
  );
}

function Examples({ data }: { data: SegmentPreview | undefined }) {
  const { t } = useText();
  if (data && data.examples.length > 0) return <CustomerTable rows={data.examples} short />;
  if (data && !data.exact) return <Spin aria-label={t("state.loading")} />;
  return <Nothing title={t("segment.nobody")} help={t("segment.nobodyHelp")} />;
}

export function LiveCount({ preview, whole, said }: Props) {
  const { t } = useText();
  const { data, counting } = preview;
  return (
    <div className="stack">
      <Section title={t("segment.live")} extra={<Fresh asOf={data?.as_of} />}>
        {!whole && !said && <Alert type="info" showIcon title={t("segment.unfinished")} className="gap-below" />}
        {preview.error && !said && <Failure error={preview.error} retry={preview.refetch} />}
        {!data && counting && <Spin aria-label={t("state.loading")} />}
        {data && <Count data={data} busy={counting} pale={preview.stale || !whole} />}
      </Section>
      <Section title={t("segment.examples")} help={t("segment.examplesHelp")}>
        <Examples data={data} />
      </Section>
    </div>
  );
}
