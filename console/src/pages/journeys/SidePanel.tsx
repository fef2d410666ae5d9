/** The settings of what is chosen on the canvas: a step, the entry, or the journey itself. */

import { Alert, Button, Form, Input, Select, Switch } from "antd";

import { useSegments } from "../../api/hooks";
import type { Journey, JourneyDocument, NodeCounts } from "../../api/types";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { ENTRY, exits, removeNode, replaceNode } from "../../lib/journey";
import { DurationField } from "../../ui/DurationField";
import { NodeSettings } from "./kinds";

interface Props {
  document: JourneyDocument;
  journey: Journey;
  chosen: string | null;
  onChange: (document: JourneyDocument) => void;
  choose: (id: string | null) => void;
}

function Refusals({ counts }: { counts: NodeCounts | undefined }) {
  const { t, language, code } = useText();
  const refused = Object.entries(counts?.refused ?? {});
  if (refused.length === 0) return null;
  return (
    <>
      <h3>{t("campaign.refused")}</h3>
      <dl className="pairs gap-below">
        {refused.map(([reason, count]) => (
          <div key={reason} style={{ display: "contents" }}>
            <dt>{code("reason", reason)}</dt>
            <dd className="num">{number(count, language)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function StepPanel({ document, journey, chosen, onChange, choose }: Props) {
  const { t, bi } = useText();
  const node = document.nodes.find((one) => one.id === chosen);
  if (!node) return null;
  const error = journey.errors.find((one) => one.node === node.id);
  const removable = exits(node).length > 0;
  return (
    <>
      <h2>{t(`nodeKind.${node.type}`)}</h2>
      <p className="mono faint">{node.id}</p>
      {error && <Alert className="gap-below" type="error" showIcon title={bi(error.message)} />}
      <Form layout="vertical">
        <NodeSettings node={node} onChange={(changed) => onChange(replaceNode(document, changed))} />
      </Form>
      <Refusals counts={journey.nodes[node.id]} />
      {removable && (
        <Button
          danger
          onClick={() => {
            onChange(removeNode(document, node.id));
            choose(null);
          }}
        >
          {t("journey.removeStep")}
        </Button>
      )}
    </>
  );
}

function EntryPanel({ document, onChange }: Props) {
  const { t, bi } = useText();
  const segments = useSegments();
  const { entry } = document;
  const reentry = document.reentry?.type ?? "never";
  return (
    <>
      <h2>{t("journey.entry")}</h2>
      <Form layout="vertical" style={{ marginTop: 12 }}>
        {entry.type === "segment" ? (
          <>
            <Form.Item label={t("journey.entrySegment")} htmlFor="entry-segment">
              <Select
                id="entry-segment"
                value={entry.segment}
                onChange={(segment: string) => onChange({ ...document, entry: { ...entry, segment } })}
                options={segments.data?.items.map((one) => ({ value: one.id, label: bi(one.name) || one.id }))}
              />
            </Form.Item>
            <Form.Item label={t("journey.existing")} htmlFor="entry-existing" extra={t("journey.existingHelp")}>
              <Switch
                id="entry-existing"
                aria-label={t("journey.existing")}
                checked={entry.existing ?? false}
                onChange={(existing) => onChange({ ...document, entry: { ...entry, existing } })}
              />
            </Form.Item>
          </>
        ) : (
          <p>{entry.event}</p>
        )}
        <Form.Item label={t("journey.reentry")} htmlFor="entry-reentry">
          <Select
            id="entry-reentry"
            value={reentry}
            onChange={(type: "never" | "after" | "each") =>
              onChange({ ...document, reentry: type === "after" ? { type, after: "30d" } : { type } })
            }
            options={(["never", "after", "each"] as const).map((one) => ({ value: one, label: t(`reentry.${one}`) }))}
          />
        </Form.Item>
        {reentry === "after" && (
          <Form.Item label={t("journey.reentryAfter")}>
            <DurationField
              label={t("journey.reentryAfter")}
              value={document.reentry?.after ?? "30d"}
              onChange={(after) => onChange({ ...document, reentry: { type: "after", after } })}
            />
          </Form.Item>
        )}
      </Form>
    </>
  );
}

function JourneyPanel({ document, onChange, journey }: Props) {
  const { t, bi, code } = useText();
  const general = journey.errors.filter((one) => !one.node);
  return (
    <>
      <h2>{t("journey.settings")}</h2>
      <p className="section-help gap-below">{t("journey.chooseHelp")}</p>
      {general.map((one, index) => (
        <Alert key={index} className="gap-below" type="error" showIcon title={bi(one.message)} />
      ))}
      <Form layout="vertical">
        {(["zh", "en"] as const).map((language) => (
          <Form.Item key={language} label={t(`bi.name.${language}`)} htmlFor={`journey-${language}`}>
            <Input
              id={`journey-${language}`}
              value={document.name[language]}
              onChange={(event) =>
                onChange({ ...document, name: { ...document.name, [language]: event.target.value } })
              }
            />
          </Form.Item>
        ))}
      </Form>
      {(document.exit_on?.length ?? 0) > 0 && (
        <p>
          {t("journey.exitOn")} {document.exit_on?.map((match) => code("event", match.event)).join(", ")}
        </p>
      )}
    </>
  );
}

export function SidePanel(props: Props) {
  const { t } = useText();
  const { chosen, document } = props;
  const isStep = document.nodes.some((node) => node.id === chosen);
  return (
    <aside className="side" aria-label={t("journey.panel")}>
      {isStep ? <StepPanel {...props} /> : chosen === ENTRY ? <EntryPanel {...props} /> : <JourneyPanel {...props} />}
    </aside>
  );
}
