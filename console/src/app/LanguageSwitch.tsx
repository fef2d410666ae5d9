import { Segmented } from "antd";

import { switchTo, useText } from "../i18n";
import type { Language } from "../lib/format";

export function LanguageSwitch() {
  const { t, language } = useText();
  return (
    <Segmented<Language>
      size="small"
      aria-label={t("shell.language")}
      value={language}
      onChange={(language) => void switchTo(language)}
      options={[
        { value: "zh", label: <span lang="zh-CN">中文</span> },
        { value: "en", label: <span lang="en">EN</span> },
      ]}
    />
  );
}
