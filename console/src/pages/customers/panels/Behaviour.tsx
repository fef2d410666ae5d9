/** How often, how much at a time, where and when: numbers, the hours of the week, channels and devices. */

import type { Counted } from "../../../api/customers";
import { useText } from "../../../i18n";
import { number, share } from "../../../lib/format";
import { Section } from "../../../ui/Section";
import { Facts } from "./Facts";
import type { PanelProps } from "./panel";

const DEPTHS = 5;

/** The week as a strip: a row a day, a cell an hour, darker where she does more. */
function Strip({ strip, zone }: { strip: number[][]; zone: string }) {
  const { t, language } = useText();
  const most = Math.max(1, ...strip.flat());
  const total = strip.flat().reduce((sum, n) => sum + n, 0);
  if (total === 0) return <p className="section-help">{t("view.noHours")}</p>;
  const days = strip.map((_, index) => {
    const monday = new Date(Date.UTC(2024, 0, 1 + index));
    const tag = language === "zh" ? "zh-CN" : "en";
    return new Intl.DateTimeFormat(tag, { weekday: "short", timeZone: "UTC" }).format(monday);
  });
  return (
    <figure className="strip">
      <figcaption className="section-help">{t("view.strip", { zone, n: number(total, language) })}</figcaption>
      <div className="strip-grid" role="img" aria-label={t("view.stripWords", { n: number(total, language) })}>
        {strip.map((hours, day) => (
          <div className="strip-row" key={days[day]}>
            <span className="strip-day faint">{days[day]}</span>
            {hours.map((n, hour) => (
              <span
                key={hour}
                className={`strip-cell strip-${n === 0 ? 0 : Math.ceil((DEPTHS * n) / most)}`}
                title={`${days[day]} ${hour}:00 · ${n}`}
              />
            ))}
          </div>
        ))}
        <div className="strip-row strip-axis faint num" aria-hidden>
          <span className="strip-day" />
          {[0, 6, 12, 18].map((hour) => (
            <span key={hour}>{hour}:00</span>
          ))}
        </div>
      </div>
    </figure>
  );
}

function Shares({ title, group, counts }: { title: string; group: string; counts: Counted[] }) {
  const { t, code, language } = useText();
  if (counts.length === 0) return null;
  return (
    <div className="shares">
      <p className="section-help">{title}</p>
      {counts.slice(0, 6).map((one) => (
        <div className="bar-row" key={one.name}>
          <span>{code(group, one.name)}</span>
          <div className="bar-track" aria-hidden>
            <div className="bar-fill" style={{ width: `${100 * one.share}%` }} />
          </div>
          <span className="num faint">
            {t("customer.shareOf", { share: share(one.share, language, 0), n: number(one.n, language) })}
          </span>
        </div>
      ))}
    </div>
  );
}

export function Behaviour({ view }: PanelProps) {
  const { t } = useText();
  return (
    <Section title={t("view.behaviour")} help={t("view.behaviourHelp")}>
      <Facts facts={view.behaviour} />
      <Strip strip={view.strip} zone={view.zone} />
      <div className="shares-pair">
        <Shares title={t("view.channels")} group="channel" counts={view.channels} />
        <Shares title={t("view.devices")} group="device" counts={view.devices} />
      </div>
    </Section>
  );
}
