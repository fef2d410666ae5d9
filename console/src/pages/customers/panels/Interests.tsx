/** What she is interested in: what she looked at and bought, fading with time, by category and by product. */

import { Segmented } from "antd";
import { useState } from "react";

import { useText } from "../../../i18n";
import { number, share } from "../../../lib/format";
import { Moment } from "../../../ui/Moment";
import { Section } from "../../../ui/Section";
import type { PanelProps } from "./panel";

export function Interests({ view }: PanelProps) {
  const { t, language } = useText();
  const [what, setWhat] = useState<"categories" | "products">("categories");
  const interests = view[what];
  return (
    <Section
      title={t("view.interests")}
      help={t("view.interestsHelp", { days: view.half_life_days })}
      extra={
        <Segmented
          size="small"
          aria-label={t("view.interestsBy")}
          value={what}
          onChange={setWhat}
          options={[
            { value: "categories" as const, label: t("view.categories") },
            { value: "products" as const, label: t("view.products") },
          ]}
        />
      }
    >
      {interests.length === 0 && <span className="faint">{t("view.noInterests")}</span>}
      {interests.map((one) => (
        <div className="bar-row interest" key={one.name}>
          <span title={one.name}>{one.label}</span>
          <div className="bar-track" aria-hidden>
            <div className="bar-fill" style={{ width: `${100 * one.share}%` }} />
          </div>
          <span className="num faint">
            {share(one.share, language, 0)} · {t("view.events", { n: number(one.n, language), count: one.n })} ·{" "}
            <Moment at={one.at} />
          </span>
        </div>
      ))}
    </Section>
  );
}
