/** The same document as a file: read it, copy it, or edit it and put it back. */

import { Alert, Button, Input } from "antd";
import { useState } from "react";
import { parse, stringify } from "yaml";

import type { Condition, SegmentDocument } from "../../api/types";
import { useText } from "../../i18n";

export function YamlView({
  document,
  onChange,
}: {
  document: SegmentDocument;
  onChange: (condition: Condition) => void;
}) {
  const { t } = useText();
  const written = stringify({
    kind: "segment",
    id: document.id,
    name: document.name,
    condition: document.condition,
  });
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const read = () => {
    try {
      const found = parse(text ?? written) as { condition?: Condition } | null;
      if (!found?.condition?.type) throw new Error(t("segment.yamlNoCondition"));
      onChange(found.condition);
      setText(null);
      setError(null);
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <>
      {error && <Alert className="gap-below" type="error" showIcon title={error} />}
      <Input.TextArea
        className="mono"
        aria-label="YAML"
        autoSize={{ minRows: 12, maxRows: 32 }}
        spellCheck={false}
        value={text ?? written}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="row" style={{ marginTop: 12 }}>
        <Button onClick={read} disabled={text === null}>
          {t("segment.yamlUse")}
        </Button>
        {text !== null && (
          <Button type="text" onClick={() => setText(null)}>
            {t("action.undo")}
          </Button>
        )}
      </div>
    </>
  );
}
