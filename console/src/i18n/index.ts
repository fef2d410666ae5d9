/** Two languages, chosen by the reader, remembered in this browser and written to `<html lang>`.
 *
 * Only the reader's language is loaded before the first page is drawn; the other one when the reader switches to it.
 */

import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";

import type { Bi } from "../api/types";
import type { Language } from "../lib/format";

const STORED = "homing.language";
const HTML: Record<Language, string> = { en: "en", zh: "zh-CN" };
const TEXTS: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import("./en.json"),
  zh: () => import("./zh.json"),
};

function chosen(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "en" || stored === "zh") return stored;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

i18next.on("languageChanged", (language) => {
  document.documentElement.lang = HTML[language === "zh" ? "zh" : "en"];
});

async function load(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, "translation")) return;
  const texts = await TEXTS[language]();
  i18next.addResourceBundle(language, "translation", texts.default);
}

/** Make the texts ready; nothing is drawn before. */
export async function start(): Promise<void> {
  const language = chosen();
  const texts = (await TEXTS[language]()).default;
  await i18next.use(initReactI18next).init({
    resources: { [language]: { translation: texts } },
    lng: language,
    fallbackLng: false,
    partialBundledLanguages: true,
    interpolation: { escapeValue: false },
  });
}

/** Switch when the texts are here. Where this build's texts are gone (the server was upgraded) the page is loaded anew. */
export async function switchTo(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  try {
    await load(language);
    await i18next.changeLanguage(language);
  } catch {
    window.location.reload();
  }
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
