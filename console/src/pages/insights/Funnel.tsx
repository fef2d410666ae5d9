/** How far do people get? The question on top, in the address; the picture and its SQL below. */

import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useState } from "react";

import { useCatalogue, useFunnel } from "../../api/hooks";
import type { FunnelStep } from "../../api/types";
import { useText } from "../../i18n";
import { number, share, span } from "../../lib/format";
import { DurationField } from "../../ui/DurationField";
import { Fresh } from "../../ui/Fresh";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";

const SHOP = ["Product Viewed", "Product Added", "Checkout Started", "Order Completed"];

function StepRow({ step, first }: { step: FunnelStep; first: boolean }) {
  const { t, language, code } = useText();
  return (
    <div className="funnel-row funnel-row-plain">
      <span>{code("event", step.name)}</span>
      <div className="funnel-bar" aria-hidden>
        <div className="funnel-fill" style={{ width: `${100 * (step.share_of_first ?? 0)}%` }} />
      </div>
      <span className="funnel-number">{number(step.people, language)}</span>
      <span className="funnel-share">{share(step.share_of_first, language)}</span>
      <span className="funnel-share">
        {first ? "" : t("funnel.fromPrevious", { share: share(step.share_of_previous, language) })}
        {!first && step.median_seconds !== null && <div className="faint">{span(step.median_seconds, language)}</div>}
      </span>
    </div>
  );
}

export default function FunnelPage() {
  const { t, code } = useText();
  const { get, all, set } = useAddress();
  const catalogue = useCatalogue();
  const [showSql, setShowSql] = useState(false);
  const chosen = all("step");
  const steps = chosen.length > 0 ? chosen : SHOP;
  const window = get("window") ?? "7d";
  const funnel = useFunnel(steps, window);
  const names = [...new Set([...steps, ...(catalogue.data?.events.map((event) => event.name) ?? [])])];
  const setSteps = (next: string[]) => set({ step: next });
  const options = names.map((name) => ({ value: name, label: code("event", name) }));
  return (
    <Page title={t("funnel.title")} lead={t("funnel.lead")} tags={<Fresh asOf={funnel.data?.as_of} />}>
      <div className="stack">
        <Section title={t("funnel.question")}>
          <div className="row">
            <span className="faint">{t("funnel.who")}</span>
            {steps.map((step, index) => (
              <span className="row" key={`${index}-${step}`} style={{ gap: 4 }}>
                {index > 0 && <span className="faint">{t("funnel.then")}</span>}
                <Select
                  showSearch={{ optionFilterProp: "label" }}
                  aria-label={t("funnel.step", { n: index + 1 })}
                  style={{ minWidth: 160 }}
                  value={step}
                  onChange={(name: string) => setSteps(steps.map((one, position) => (position === index ? name : one)))}
                  options={options}
                />
                {steps.length > 2 && (
                  <Button
                    size="small"
                    type="text"
                    icon={<CloseOutlined aria-hidden />}
                    aria-label={t("funnel.removeStep", { n: index + 1 })}
                    onClick={() => setSteps(steps.filter((_, position) => position !== index))}
                  />
                )}
              </span>
            ))}
            <Button
              icon={<PlusOutlined aria-hidden />}
              disabled={steps.length >= 8}
              onClick={() => setSteps([...steps, names.find((name) => !steps.includes(name)) ?? "Order Completed"])}
            >
              {t("funnel.addStep")}
            </Button>
            <span className="faint">{t("funnel.within")}</span>
            <DurationField
              label={t("funnel.within")}
              value={window}
              onChange={(next) => set({ window: next ?? undefined })}
            />
          </div>
        </Section>
        <Section
          title={t("funnel.answer")}
          extra={
            funnel.data?.sql && (
              <Button type="link" aria-expanded={showSql} onClick={() => setShowSql(!showSql)}>
                SQL
              </Button>
            )
          }
        >
          <Asked answer={funnel} rows={6}>
            {(data) =>
              (data.steps[0]?.people ?? 0) === 0 ? (
                <Nothing title={t("funnel.none")} help={t("funnel.noneHelp")} />
              ) : (
                <div style={{ opacity: funnel.isPlaceholderData ? 0.5 : 1 }}>
                  {data.steps.map((step, index) => (
                    <StepRow key={`${index}-${step.name}`} step={step} first={index === 0} />
                  ))}
                  {showSql && data.sql && <pre className="block">{data.sql}</pre>}
                </div>
              )
            }
          </Asked>
        </Section>
      </div>
    </Page>
  );
}
