import { Input, InputNumber, Select } from "antd";

import type { Condition, Segment } from "../../api/types";
import { useText } from "../../i18n";

type InSegment = Extract<Condition, { type: "in_segment" }>;
type Share = Extract<Condition, { type: "share" }>;

export function InSegmentFields(props: { node: InSegment; onChange: (node: InSegment) => void; segments: Segment[] }) {
  const { t, bi } = useText();
  return (
    <>
      <span className="faint">{t("condition.inSegment")}</span>
      <Select
        showSearch={{ optionFilterProp: "label" }}
        aria-label={t("menu.segments")}
        style={{ minWidth: 220 }}
        value={props.node.segment || undefined}
        onChange={(segment: string) => props.onChange({ ...props.node, segment })}
        options={props.segments.map((one) => ({ value: one.id, label: bi(one.name) || one.id }))}
      />
    </>
  );
}

export function ShareFields(props: { node: Share; onChange: (node: Share) => void }) {
  const { t } = useText();
  return (
    <>
      <span className="faint">{t("condition.share")}</span>
      <InputNumber
        aria-label={t("condition.share")}
        min={0}
        max={100}
        suffix="%"
        style={{ width: 110 }}
        value={props.node.percent}
        onChange={(percent) => props.onChange({ ...props.node, percent: percent ?? 0 })}
      />
      <span className="faint">{t("condition.salt")}</span>
      <Input
        aria-label={t("condition.salt")}
        style={{ width: 140 }}
        value={props.node.salt}
        onChange={(event) => props.onChange({ ...props.node, salt: event.target.value })}
      />
    </>
  );
}
