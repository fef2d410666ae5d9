/** "Viewed, then ordered within a day": steps in their order, the most that may lie between them, and the window. */

import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";

import type { Catalogue, Condition, Step } from "../../api/types";
import { useText } from "../../i18n";
import { DurationField } from "../../ui/DurationField";
import { EventSelect, Narrowing } from "./Narrowing";
import { WindowField } from "./WindowField";

type Sequence = Extract<Condition, { type: "sequence" }>;
const MOST = 10;

interface Props {
  node: Sequence;
  onChange: (node: Sequence) => void;
  catalogue: Catalogue | undefined;
}

/** The first step has nothing before it, so it has no gap. */
function inOrder(steps: Step[]): Step[] {
  return steps.map((step, index) => (index === 0 ? { ...step, gap: undefined } : step));
}

export function SequenceFields({ node, onChange, catalogue }: Props) {
  const { t } = useText();
  const set = (steps: Step[]) => onChange({ ...node, steps: inOrder(steps) });
  const change = (index: number, step: Step) => set(node.steps.map((one, n) => (n === index ? step : one)));
  const swap = (index: number) =>
    set(node.steps.flatMap((one, n, all) => (n === index ? [all[n + 1] ?? one, one] : n === index + 1 ? [] : [one])));
  const event = node.steps.at(-1)?.event ?? catalogue?.events[0]?.name ?? "Order Completed";
  return (
    <div className="cond-sequence">
      <div className="cond-fields">
        <span className="faint">{t("condition.sequence")}</span>
        <WindowField node={node} onChange={(window) => onChange({ ...node, ...window })} />
        <span className="cond-pair">
          <span className="faint">{t("condition.span")}</span>
          <DurationField
            label={t("condition.span")}
            optional
            value={node.span ?? null}
            onChange={(span) => onChange({ ...node, span: span ?? undefined })}
          />
        </span>
      </div>
      <ol className="cond-steps">
        {node.steps.map((step, index) => (
          <li key={index} className="cond-step" aria-label={t("condition.step", { n: index + 1 })}>
            <span className="cond-number" aria-hidden>
              {index + 1}
            </span>
            <div className="cond-fields">
              <span className="faint">{t(index === 0 ? "condition.firstStep" : "condition.thenStep")}</span>
              <EventSelect node={step} onChange={(next) => change(index, next)} catalogue={catalogue} />
              {index > 0 && (
                <span className="cond-pair">
                  <span className="faint">{t("condition.gap")}</span>
                  <DurationField
                    label={t("condition.gap")}
                    optional
                    value={step.gap ?? null}
                    onChange={(gap) => change(index, { ...step, gap: gap ?? undefined })}
                  />
                </span>
              )}
              <Narrowing node={step} onChange={(next) => change(index, next)} catalogue={catalogue} />
            </div>
            <div className="cond-tools">
              <Button
                size="small"
                type="text"
                disabled={index === 0}
                icon={<ArrowUpOutlined aria-hidden />}
                aria-label={t("condition.earlier")}
                onClick={() => swap(index - 1)}
              />
              <Button
                size="small"
                type="text"
                disabled={index === node.steps.length - 1}
                icon={<ArrowDownOutlined aria-hidden />}
                aria-label={t("condition.later")}
                onClick={() => swap(index)}
              />
              <Button
                size="small"
                type="text"
                disabled={node.steps.length <= 2}
                icon={<DeleteOutlined aria-hidden />}
                aria-label={t("condition.removeStep", { n: index + 1 })}
                onClick={() => set(node.steps.filter((_, n) => n !== index))}
              />
            </div>
          </li>
        ))}
      </ol>
      <Button
        size="small"
        type="link"
        disabled={node.steps.length >= MOST}
        icon={<PlusOutlined aria-hidden />}
        onClick={() => set([...node.steps, { event, where: [], gap: "1d" }])}
      >
        {t("condition.addStep")}
      </Button>
    </div>
  );
}
