/** Writes numbers, money, shares and times for a reader; pure, the language and the zone are arguments. */

export type Language = "en" | "zh";

const LOCALE: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };
export const NOTHING = "–";

export function number(value: number | null | undefined, language: Language, digits = 0): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NOTHING;
  return new Intl.NumberFormat(LOCALE[language], { maximumFractionDigits: digits }).format(value);
}

/** Large figures in cards: 155,848 stays, 4,596,039 becomes 4.6M or 460万. */
export function compact(value: number | null | undefined, language: Language): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NOTHING;
  if (Math.abs(value) < 1_000_000) return number(value, language, Math.abs(value) < 10 ? 2 : 0);
  return new Intl.NumberFormat(LOCALE[language], { notation: "compact", maximumFractionDigits: 2 }).format(value);
}

export function money(value: number | null | undefined, currency: string, language: Language, digits = 2): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NOTHING;
  return new Intl.NumberFormat(LOCALE[language], {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

export function share(value: number | null | undefined, language: Language, digits = 1): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NOTHING;
  return new Intl.NumberFormat(LOCALE[language], { style: "percent", maximumFractionDigits: digits }).format(value);
}

/** How likely it is that two are one: never rounded up to certainty. */
export function likely(value: number, language: Language): string {
  const at = Math.min(value, 0.99999);
  return share(at, language, at > 0.999 ? 3 : 1);
}

/** With its sign, because a difference without one cannot be read: +0.42, −1.3. */
export function signed(value: number, language: Language, digits = 2): string {
  return new Intl.NumberFormat(LOCALE[language], {
    signDisplay: "exceptZero",
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  }).format(value);
}

const TIME: Intl.DateTimeFormatOptions = {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
};
const DAY: Intl.DateTimeFormatOptions = { year: "numeric", month: "short", day: "numeric" };

function written(iso: string | null | undefined, language: Language, options: Intl.DateTimeFormatOptions): string {
  if (!iso) return NOTHING;
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return new Intl.DateTimeFormat(LOCALE[language], options).format(at);
}

export function time(iso: string | null | undefined, language: Language, zone: string): string {
  return written(iso, language, { ...TIME, timeZone: zone });
}

export function timeWithSeconds(iso: string | null | undefined, language: Language, zone: string): string {
  return written(iso, language, { ...TIME, second: "2-digit", timeZone: zone });
}

/** A moment of these days, to the second: the year is left out. */
export function clockTime(iso: string | null | undefined, language: Language, zone: string): string {
  return written(iso, language, { ...TIME, year: undefined, second: "2-digit", timeZone: zone });
}

/** A moment as its day in the workspace's zone. */
export function day(iso: string | null | undefined, language: Language, zone: string): string {
  return written(iso, language, { ...DAY, timeZone: zone });
}

/** A calendar day "2018-01-05", which is the same day everywhere. */
export function calendarDay(text: string, language: Language): string {
  return written(`${text.slice(0, 10)}T00:00:00Z`, language, { month: "short", day: "numeric", timeZone: "UTC" });
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

const SLIP_S = 5; // what a second look at the clock may lag behind: no event lies in the future because of it

/** "3 days ago" by the workspace's clock, which may be a virtual one. */
export function ago(iso: string | null | undefined, now: number, language: Language): string {
  if (!iso) return NOTHING;
  const ahead = (new Date(iso).getTime() - now) / 1000;
  const seconds = ahead > 0 && ahead < SLIP_S ? 0 : ahead;
  const words = new Intl.RelativeTimeFormat(LOCALE[language], { numeric: "auto" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return words.format(Math.round(seconds / size), unit);
  }
  return words.format(Math.round(seconds), "second");
}

const DURATION: Record<Language, [number, string][]> = {
  en: [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ],
  zh: [
    [86_400, "天"],
    [3_600, "小时"],
    [60, "分钟"],
    [1, "秒"],
  ],
};

/** A span in its two largest units: 93,784 s is "1 d 2 h". */
export function span(seconds: number | null | undefined, language: Language): string {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return NOTHING;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ${language === "zh" ? "毫秒" : "ms"}`;
  const parts: string[] = [];
  let left = Math.round(seconds);
  for (const [size, unit] of DURATION[language]) {
    const count = Math.floor(left / size);
    if (count > 0 && parts.length < 2) parts.push(`${count} ${unit}`);
    left -= count * size;
    if (parts.length === 1 && count === 0) break;
  }
  return parts.join(" ");
}

const CODE: Record<string, number> = { d: 86_400, h: 3_600, m: 60, s: 1 };

/** Read a duration as the documents write it, "30d" or "12h"; null when it is not one. */
export function durationSeconds(text: string): number | null {
  const match = /^(\d+)([dhms])$/.exec(text);
  return match ? Number(match[1]) * (CODE[match[2] ?? ""] ?? 0) : null;
}

/** "30d" in words. */
export function durationWords(text: string | null | undefined, language: Language): string {
  const seconds = durationSeconds(text ?? "");
  return seconds === null ? (text ?? NOTHING) : span(seconds, language);
}
