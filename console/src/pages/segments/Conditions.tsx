/** The conditions themselves: as a tree or as a file, with undo and redo over both. */

import { RedoOutlined, UndoOutlined } from "@ant-design/icons";
import { Button, Segmented, Tooltip } from "antd";

import { useCatalogue, useSegments } from "../../api/hooks";
import type { Condition, SegmentDocument } from "../../api/types";
import { useText } from "../../i18n";
import { rooted } from "../../lib/tree";
import { Section } from "../../ui/Section";
import { ConditionEditor } from "./ConditionEditor";
import type { useEdits } from "./useEdits";
import { YamlView } from "./YamlView";

export type View = "builder" | "yaml";

interface Props {
  document: SegmentDocument;
  /** The segment's id, so that it is not offered to itself. */
  own: string;
  edits: ReturnType<typeof useEdits<Condition>>;
  view: View;
  setView: (view: View) => void;
  /** Can the builder show it? */
  valid: boolean;
  setTrouble: (trouble: boolean) => void;
  refused: { field: string; message: string } | null;
}

export function Conditions({ document, own, edits, view, setView, valid, setTrouble, refused }: Props) {
  const { t } = useText();
  const catalogue = useCatalogue();
  const segments = useSegments();
  const steps = [
    { label: t("action.undo"), keys: "Ctrl+Z", icon: <UndoOutlined aria-hidden />, can: edits.canUndo, go: edits.undo },
    {
      label: t("segment.redo"),
      keys: "Ctrl+Shift+Z",
      icon: <RedoOutlined aria-hidden />,
      can: edits.canRedo,
      go: edits.redo,
    },
  ];
  return (
    <Section
      title={t("segment.conditions")}
      extra={
        <div className="row">
          {steps.map((step) => (
            <Tooltip key={step.keys} title={`${step.label} (${step.keys})`}>
              <Button
                size="small"
                type="text"
                icon={step.icon}
                aria-label={step.label}
                disabled={!step.can}
                onClick={step.go}
              />
            </Tooltip>
          ))}
          <Segmented<View>
            size="small"
            aria-label={t("segment.view")}
            value={view}
            onChange={setView}
            options={[
              { value: "builder", label: t("segment.builder"), disabled: !valid },
              { value: "yaml", label: "YAML" },
            ]}
          />
        </div>
      }
    >
      {view === "builder" && valid ? (
        <ConditionEditor
          tree={rooted(document.condition)}
          onChange={edits.put}
          catalogue={catalogue.data}
          segments={segments.data?.items.filter((one) => one.id !== own) ?? []}
        />
      ) : (
        <YamlView document={document} onChange={edits.put} refused={refused} onTrouble={setTrouble} />
      )}
    </Section>
  );
}
