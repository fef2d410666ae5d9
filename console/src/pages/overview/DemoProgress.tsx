/** How far the demo's simulated season is, and what it is for. */

import { Progress } from "antd";

import type { DemoState } from "../../api/types";
import { useText } from "../../i18n";
import { Section } from "../../ui/Section";

export function DemoProgress({ state }: { state: DemoState }) {
  const { t } = useText();
  const day = Number(state.day);
  const known = Number.isFinite(day) && state.day !== null && state.of_days !== null && state.of_days > 0;
  return (
    <Section
      title={state.running ? t("demo.running") : t("demo.done")}
      extra={known && <span className="num faint">{t("demo.day", { day, of: state.of_days ?? 0 })}</span>}
    >
      {known && (
        <Progress
          percent={Math.round((100 * day) / (state.of_days ?? 1))}
          showInfo={false}
          strokeColor="#e0a13c"
          aria-label={t("demo.running")}
        />
      )}
    </Section>
  );
}
