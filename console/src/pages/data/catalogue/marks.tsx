/** How sensitivity and value are shown: a pill that says its level, a letter that says its meaning. */

import "./catalogue.css";

import { Tooltip } from "antd";

import type { Grade, Level } from "../../../api/catalogue";
import { useText } from "../../../i18n";
import { Pill, type Tone } from "../../../ui/Pill";

const TONES: Record<Level, Tone> = { public: "good", internal: "quiet", personal: "lamp", sensitive: "bad" };

export function LevelPill({ level }: { level: Level }) {
  const { t } = useText();
  return <Pill tone={TONES[level]}>{t(`level.${level}`)}</Pill>;
}

export function GradeMark({ grade }: { grade: Grade }) {
  const { t } = useText();
  return (
    <Tooltip title={t(`gradeMeaning.${grade}`)}>
      <span className={`grade grade-${grade.toLowerCase()}`}>{grade}</span>
    </Tooltip>
  );
}

const PAGES: Record<string, string> = { segment: "/segments", journey: "/journeys", campaign: "/campaigns" };

/** The page of a definition, where it has one. */
export function pageOf(kind: string, id: string): string | null {
  const page = PAGES[kind];
  return page ? `${page}/${encodeURIComponent(id)}` : null;
}

export const datasetPage = (id: string) => `/catalogue/${encodeURIComponent(id)}`;
