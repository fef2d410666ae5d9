/** The same document as a file, edited beside the tree: each follows the other, and an error stands at its line. */

import { Alert, Button } from "antd";
import { useRef, useState } from "react";

import type { Condition, SegmentDocument } from "../../api/types";
import { useText } from "../../i18n";
import { lineOf, read, write, type Trouble } from "../../lib/yaml";

interface Props {
  document: SegmentDocument;
  onChange: (condition: Condition) => void;
  /** What the server says of the condition, with the field it means. */
  refused: { field: string; message: string } | null;
  onTrouble: (trouble: boolean) => void;
}

export function YamlView({ document, onChange, refused, onTrouble }: Props) {
  const { t, code } = useText();
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState<{ text: string; of: string } | null>(null);
  const written = write(document);
  const ours = JSON.stringify(document.condition);
  // What was typed stays as it was typed for as long as it says what the tree says.
  const text = typed && typed.of === ours ? typed.text : written;
  const reading = (next: string) => read(next, t("segment.yamlNoCondition"), (why) => code("yaml", why));
  const own = typed && typed.of === ours ? reading(text).trouble : null;
  const trouble: Trouble | null =
    own ?? (refused ? { line: lineOf(text, refused.field), message: refused.message } : null);
  const lines = text.split("\n").length;

  const type = (next: string) => {
    const found = reading(next);
    onTrouble(found.trouble !== null);
    if (!found.condition) {
      setTyped({ text: next, of: ours });
      return;
    }
    setTyped({ text: next, of: JSON.stringify(found.condition) });
    onChange(found.condition);
  };
  const go = () => {
    if (!trouble || !area.current) return;
    const start =
      text
        .split("\n")
        .slice(0, trouble.line - 1)
        .join("\n").length + (trouble.line > 1 ? 1 : 0);
    const end = text.indexOf("\n", start);
    area.current.focus();
    area.current.setSelectionRange(start, end < 0 ? text.length : end);
  };
  return (
    <>
      <div className="code-edit">
        <div className="code-lines" ref={gutter} aria-hidden>
          {Array.from({ length: lines }, (_, index) => (
            <div key={index} className={trouble?.line === index + 1 ? "code-wrong" : undefined}>
              {index + 1}
            </div>
          ))}
        </div>
        <textarea
          ref={area}
          className="mono code-text"
          aria-label="YAML"
          aria-invalid={trouble !== null}
          aria-describedby={trouble ? "yaml-trouble" : undefined}
          spellCheck={false}
          wrap="off"
          rows={Math.min(Math.max(lines, 14), 34)}
          value={text}
          onChange={(event) => type(event.target.value)}
          onScroll={(event) => {
            if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      {trouble && (
        <Alert
          id="yaml-trouble"
          role="alert"
          style={{ marginTop: 12 }}
          type="error"
          showIcon
          title={t("segment.yamlLine", { line: trouble.line })}
          description={trouble.message}
          action={
            <Button size="small" onClick={go}>
              {t("segment.yamlGo")}
            </Button>
          }
        />
      )}
    </>
  );
}
