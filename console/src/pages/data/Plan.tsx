/** One tracking plan: edited as a form or as YAML, checked before it is kept, in force as soon as it is. */

import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Collapse, Form, Input, Segmented, Select } from "antd";
import { useState } from "react";
import { useLocation, useNavigate, useParams } from "react-router";
import { parse, stringify } from "yaml";

import { useSourceChoices } from "../../api/names";
import { applyPlan, type Proposal, usePlans } from "../../api/quality";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { unreadable } from "../../lib/yaml";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing, useErrorText } from "../../ui/States";
import { isPlan, KINDS, MODES, type PlanDocument, type PlannedEvent, UNKNOWN } from "./plans/document";
import { EventFields } from "./plans/EventFields";
import { Standing } from "./plans/Standing";

type Basis = { event: string; type: string; n: number; looked: number; properties: Record<string, { n: number }> };

const named = (name: PlanDocument["name"]) => (typeof name === "string" ? { en: name } : name);

function Head({ plan, onChange }: { plan: PlanDocument; onChange: (plan: PlanDocument) => void }) {
  const { t } = useText();
  const name = named(plan.name ?? "");
  const sources = useSourceChoices();
  return (
    <Form layout="vertical">
      <div className="halves">
        {(["en", "zh"] as const).map((language) => (
          <Form.Item key={language} label={t(`plan.name.${language}`)} htmlFor={`plan-name-${language}`}>
            <Input
              id={`plan-name-${language}`}
              value={name[language] ?? ""}
              onChange={(event) => onChange({ ...plan, name: { ...name, [language]: event.target.value } })}
            />
          </Form.Item>
        ))}
      </div>
      <div className="halves">
        <Form.Item label={t("plan.mode")} extra={t(`plan.modeHelp.${plan.mode ?? "observe"}`)}>
          <Segmented
            aria-label={t("plan.mode")}
            value={plan.mode ?? "observe"}
            onChange={(mode) => onChange({ ...plan, mode })}
            options={MODES.map((one) => ({ value: one, label: t(`plan.modes.${one}`) }))}
          />
        </Form.Item>
        <Form.Item label={t("plan.unknown")} htmlFor="plan-unknown">
          <Select
            id="plan-unknown"
            value={plan.unknown ?? "ignore"}
            onChange={(unknown) => onChange({ ...plan, unknown })}
            options={UNKNOWN.map((one) => ({ value: one, label: t(`plan.modes.${one}`) }))}
          />
        </Form.Item>
      </div>
      <Form.Item label={t("plan.sources")} htmlFor="plan-sources">
        <Select
          id="plan-sources"
          mode="tags"
          placeholder={t("plan.allSources")}
          options={sources}
          showSearch={{ optionFilterProp: "label" }}
          value={plan.sources ?? []}
          onChange={(sources: string[]) => onChange({ ...plan, sources })}
        />
      </Form.Item>
    </Form>
  );
}

function Events(props: { plan: PlanDocument; basis: Basis[]; onChange: (plan: PlanDocument) => void }) {
  const { plan, basis, onChange } = props;
  const { t, code } = useText();
  const [fresh, setFresh] = useState("");
  const [kind, setKind] = useState<string>("track");
  const events = plan.events ?? [];
  const put = (at: number, event: PlannedEvent) =>
    onChange({ ...plan, events: events.map((one, place) => (place === at ? event : one)) });
  const add = () => {
    onChange({ ...plan, events: [...events, { event: fresh, type: kind, properties: {} }] });
    setFresh("");
  };
  return (
    <>
      {events.length === 0 && <Nothing title={t("plan.noEvents")} />}
      <Collapse
        collapsible="header"
        items={events.map((event, at) => {
          const rests = basis.find((one) => one.event === (event.event ?? "") && one.type === (event.type ?? "track"));
          return {
            key: `${event.type} ${event.event}`,
            label: (
              <>
                <strong>{event.event ? code("event", event.event) : code("eventKind", event.type)}</strong>{" "}
                <span className="faint mono">
                  {event.type ?? "track"} {event.event}
                </span>
              </>
            ),
            extra: (
              <Button
                type="text"
                size="small"
                onClick={(click) => {
                  click.stopPropagation();
                  onChange({ ...plan, events: events.filter((_, place) => place !== at) });
                }}
              >
                {t("action.remove")}
              </Button>
            ),
            children: (
              <EventFields
                event={event}
                basis={rests?.properties}
                looked={rests?.looked}
                onChange={(changed) => put(at, changed)}
              />
            ),
          };
        })}
      />
      <div className="row" style={{ marginTop: 12 }}>
        <Select
          aria-label={t("plan.kind")}
          style={{ width: 120 }}
          value={kind}
          onChange={setKind}
          options={KINDS.map((one) => ({ value: one, label: t(`eventKind.${one}`) }))}
        />
        <Input
          aria-label={t("plan.newEvent")}
          style={{ width: 260 }}
          placeholder="Order Completed"
          value={fresh}
          onChange={(event) => setFresh(event.target.value)}
        />
        <Button disabled={kind === "track" && !fresh} onClick={add}>
          {t("plan.addEvent")}
        </Button>
      </div>
    </>
  );
}

function AsYaml({ plan, onChange }: { plan: PlanDocument; onChange: (plan: PlanDocument) => void }) {
  const { t, code } = useText();
  const [text, setText] = useState(() => stringify(plan));
  const [error, setError] = useState<string | null>(null);
  return (
    <>
      {error && <Alert className="gap-below" type="error" showIcon title={error} />}
      <Input.TextArea
        className="mono"
        aria-label="YAML"
        autoSize={{ minRows: 16, maxRows: 40 }}
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          const wrong = unreadable(event.target.value);
          const read: unknown = wrong ? null : parse(event.target.value);
          if (isPlan(read)) onChange(read);
          if (wrong) setError(t("yaml.at", { line: wrong.line, what: code("yaml", wrong.code) }));
          else setError(isPlan(read) ? null : t("plan.noDocument"));
        }}
      />
    </>
  );
}

interface EditorProps {
  found: PlanDocument;
  basis: Basis[];
  draft?: boolean;
  paused?: boolean;
}

function Editor({ found, basis, draft = false, paused = false }: EditorProps) {
  const { t, language } = useText();
  const { user } = useWorkspace();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [plan, setPlan] = useState(found);
  const [view, setView] = useState<"form" | "yaml">("form");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      await applyPlan(plan, false);
      await client.invalidateQueries({ queryKey: ["definitions", "plan"] });
      message.success(t("plan.saved"));
      // The draft was handed over with the address; it is a plan now, which the page reads when it is loaded again.
      if (draft) await navigate(`/plans/${encodeURIComponent(plan.id)}`, { replace: true });
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  const name = named(plan.name ?? "");
  const title = (language === "zh" ? name.zh || name.en : name.en || name.zh) || plan.id;
  return (
    <Page
      title={title}
      crumbs={[{ to: "/plans", label: t("plan.title") }]}
      tags={
        <>
          {draft && <Pill tone="lamp">{t("plan.draft")}</Pill>}
          {paused && <Pill tone="quiet">{t("plan.isPaused")}</Pill>}
        </>
      }
      action={
        <div className="row">
          <Segmented
            aria-label={t("plan.view")}
            value={view}
            onChange={setView}
            options={[
              { value: "form", label: t("plan.form") },
              { value: "yaml", label: "YAML" },
            ]}
          />
          {user.role !== "viewer" && !draft && <Standing id={plan.id} name={title} paused={paused} />}
          {user.role !== "viewer" && (
            <Button type="primary" loading={busy} onClick={() => void save()}>
              {t("plan.save")}
            </Button>
          )}
        </div>
      }
    >
      {error !== null && <Alert className="gap-below" type="error" showIcon role="alert" title={errorText(error)} />}
      {view === "yaml" ? (
        <Section>
          <AsYaml plan={plan} onChange={setPlan} />
        </Section>
      ) : (
        <div className="stack">
          <Section>
            <Head plan={plan} onChange={setPlan} />
          </Section>
          <Section title={t("plan.events")} help={basis.length > 0 ? t("plan.basis") : undefined}>
            <Events plan={plan} basis={basis} onChange={setPlan} />
          </Section>
        </div>
      )}
    </Page>
  );
}

export default function Plan() {
  const { t } = useText();
  const { id = "" } = useParams();
  const drawn = useLocation().state as Proposal | null;
  const plans = usePlans();
  if (drawn) {
    return <Editor found={drawn.document as unknown as PlanDocument} basis={drawn.basis as unknown as Basis[]} draft />;
  }
  return (
    <Asked answer={plans} rows={6}>
      {(data) => {
        const found = data.items.find((one) => one.id === id);
        return found ? (
          <Editor
            key={found.version}
            found={{ ...(found.document as unknown as PlanDocument) }}
            basis={[]}
            paused={found.status === "paused"}
          />
        ) : (
          <Nothing title={t("plan.gone")} />
        );
      }}
    </Asked>
  );
}
