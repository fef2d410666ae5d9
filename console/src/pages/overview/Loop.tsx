/** Five stages in a row and the way back: what acting produces is what the next round collects. */

import { Link } from "react-router";

import type { Figure, Stage, StageState } from "../../api/types";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { compact, money, share, span } from "../../lib/format";
import { Fresh } from "../../ui/Fresh";

const ORDER: Stage[] = ["collect", "understand", "decide", "act", "measure"];
const LEADS: Record<Stage, string> = {
  collect: "/events",
  understand: "/customers",
  decide: "/segments",
  act: "/journeys",
  measure: "/campaigns",
};
/** Figures whose own page is not the stage's. */
const OWN: [RegExp, string][] = [
  [/reject/, "/rejected"],
  [/customer|identit|merge|profile/, "/customers"],
  [/segment|member/, "/segments"],
  [/journey|waiting/, "/journeys"],
  [/campaign|lift|held|control|treated/, "/campaigns"],
  [/event/, "/events"],
];

function leadOf(stage: Stage, figure: Figure): string {
  return OWN.find(([pattern]) => pattern.test(figure.key))?.[1] ?? LEADS[stage];
}

function FigureValue({ figure }: { figure: Figure }) {
  const { language } = useText();
  const { currency } = useWorkspace().workspace;
  const { value, unit } = figure;
  if (unit === "share" || unit === "%") return <>{share(value, language)}</>;
  if (unit === "money" || unit === currency) {
    return (
      <>
        {value !== null && Math.abs(value) >= 1000
          ? money(value, currency, language, 0)
          : money(value, currency, language)}
      </>
    );
  }
  if (unit === "ms") return <>{span(value === null ? null : value / 1000, language)}</>;
  return <>{compact(value, language)}</>;
}

function StageCard({ state, position }: { state: StageState; position: number }) {
  const { t, bi } = useText();
  return (
    <li className="stage">
      <div className="stage-head">
        <span className="stage-number" aria-hidden>
          {position + 1}
        </span>
        <div>
          <h2>{t(`stage.${state.stage}`)}</h2>
          <Fresh asOf={state.as_of} lagMs={state.lag_ms} />
        </div>
      </div>
      <dl className="stage-figures">
        {state.figures.map((figure, index) => (
          <div key={figure.key} className={index === 0 ? "figure figure-first" : "figure"}>
            <dt>{bi(figure.label)}</dt>
            <dd>
              <Link to={leadOf(state.stage, figure)}>
                <FigureValue figure={figure} />
              </Link>
            </dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

export function Loop({ stages }: { stages: StageState[] }) {
  const { t } = useText();
  const sorted = ORDER.map((stage) => stages.find((one) => one.stage === stage)).filter((one) => one !== undefined);
  const path = "M1140 0 V24 Q1140 40 1124 40 H76 Q60 40 60 24 V6";
  return (
    <div className="loop">
      <ol className="loop-stages">
        {sorted.map((state, position) => (
          <StageCard key={state.stage} state={state} position={position} />
        ))}
      </ol>
      <svg className="loop-back" viewBox="0 0 1200 54" preserveAspectRatio="none" aria-hidden="true">
        <path d={path} fill="none" stroke="#b9c5c0" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
        <path d="M53 11 60 3l7 8" fill="none" stroke="#b9c5c0" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
        <ellipse className="loop-dot" rx="4" ry="4">
          <animateMotion dur="9s" repeatCount="indefinite" path={path} />
        </ellipse>
      </svg>
      <span className="loop-back-words">{t("overview.back")}</span>
    </div>
  );
}
