/** The script tag that connects a website, ready to be copied into its pages. */

import { Button, Typography } from "antd";
import { useState } from "react";

import { useText } from "../../i18n";

/** What a page of the site has in its head; the address is the one this console was opened at. */
export function scriptTag(address: string, key: string): string {
  return `<script async src="${address}/sdk/homing.js" data-write-key="${key}"></script>`;
}

export function ScriptTag({ writeKey }: { writeKey: string }) {
  const { t } = useText();
  const [copied, setCopied] = useState(false);
  const tag = scriptTag(window.location.origin, writeKey);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(tag);
      setCopied(true);
    } catch {
      setCopied(false); // the browser does not let us; the text can be selected
    }
  };
  return (
    <>
      <Typography.Paragraph type="secondary">{t("key.tagHelp")}</Typography.Paragraph>
      <pre className="block gap-below" style={{ whiteSpace: "pre-wrap", wordBreak: "break-all" }}>
        {tag}
      </pre>
      <Button onClick={() => void copy()}>{copied ? t("key.tagCopied") : t("key.tagCopy")}</Button>
    </>
  );
}
