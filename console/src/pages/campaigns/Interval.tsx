/** An interval on its axis: the estimate, how far it may be off, the line of "no effect", and the truth where it is known. */

import { useText } from "../../i18n";

interface Props {
  estimate: number;
  low: number;
  high: number;
  truth: number | null;
  write: (value: number) => string;
  words: string;
}

const WIDTH = 1000;
const HEIGHT = 132;
const EDGE = 60;
const Y = 62;

export function Interval({ estimate, low, high, truth, write, words }: Props) {
  const { t } = useText();
  const all = [0, low, high, estimate, ...(truth === null ? [] : [truth])];
  const [from, to] = [Math.min(...all), Math.max(...all)];
  const pad = (to - from || 1) * 0.12;
  const x = (value: number) => EDGE + ((value - from + pad) / (to - from + 2 * pad)) * (WIDTH - 2 * EDGE);
  const tone = low > 0 ? "#0e5a5e" : high < 0 ? "#b0352d" : "#7b8a84";
  return (
    <svg className="interval" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
      <line x1={EDGE} x2={WIDTH - EDGE} y1={Y} y2={Y} stroke="#e2e6e2" strokeWidth="1.5" />
      <line x1={x(0)} x2={x(0)} y1={22} y2={104} stroke="#8b9994" strokeWidth="1.5" strokeDasharray="4 4" />
      <text x={x(0)} y={122} textAnchor="middle" fontSize="13" fill="#4d5f68">
        {t("campaign.noEffect")}
      </text>
      <rect x={x(low)} y={Y - 11} width={Math.max(2, x(high) - x(low))} height="22" rx="11" fill={tone} opacity="0.2" />
      <line x1={x(low)} x2={x(high)} y1={Y} y2={Y} stroke={tone} strokeWidth="3" strokeLinecap="round" />
      <circle cx={x(estimate)} cy={Y} r="8" fill={tone} stroke="#fff" strokeWidth="2.5" />
      <text
        x={x(estimate)}
        y={Y - 24}
        textAnchor="middle"
        fontSize="17"
        fontWeight="600"
        fill="#18272e"
        stroke="#fff"
        strokeWidth="5"
        paintOrder="stroke"
      >
        {write(estimate)}
      </text>
      <text x={x(low)} y={Y + 34} textAnchor="middle" fontSize="13" fill="#4d5f68">
        {write(low)}
      </text>
      <text x={x(high)} y={Y + 34} textAnchor="middle" fontSize="13" fill="#4d5f68">
        {write(high)}
      </text>
      {truth !== null && (
        <g>
          <line x1={x(truth)} x2={x(truth)} y1={Y - 17} y2={Y + 17} stroke="#b57408" strokeWidth="2" />
          <path d={`M${x(truth)} ${Y - 28}l8 9-8 9-8-9z`} fill="#e0a13c" stroke="#fff" strokeWidth="1.5" />
          <text x={x(truth)} y={13} textAnchor="middle" fontSize="13" fill="#7d4b00">
            {t("campaign.truth")} {write(truth)}
          </text>
        </g>
      )}
    </svg>
  );
}
