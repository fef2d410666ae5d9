/** Two languages, chosen by the reader, remembered in this browser and written to `<html lang>`. */

import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";

import type { Bi } from "../api/types";
import type { Language } from "../lib/format";
import en from "./en.json";
import zh from "./zh.json";

const STORED = "homing.language";
const HTML: Record<Language, string> = { en: "en", zh: "zh-CN" };

function chosen(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "en" || stored === "zh") return stored;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

function mark(language: string): void {
  document.documentElement.lang = HTML[language === "zh" ? "zh" : "en"];
}

i18next.on("languageChanged", mark);

void i18next.use(initReactI18next).init({
  resources: { en: { translation: en }, zh: { translation: zh } },
  lng: chosen(),
  fallbackLng: false,
  interpolation: { escapeValue: false },
  initAsync: false,
});

export function switchTo(language: Language): void {
  localStorage.setItem(STORED, language);
  void i18next.changeLanguage(language);
}

/** Texts, the language, and how to read a text that the server sends in both. */
export function useText() {
  const { t, i18n } = useTranslation();
  const language: Language = i18n.language === "zh" ? "zh" : "en";
  const bi = (text: Bi | string | null | undefined): string =>
    text === null || text === undefined ? "" : typeof text === "string" ? text : text[language] || text.en;
  /** A code from the server in words, or the code itself when this console does not know it. */
  const code = (group: string, value: string | null | undefined): string =>
    value ? (group ? t(`${group}.${value}`, { defaultValue: value }) : value) : "–";
  return { t, language, bi, code };
}
