/** A lifecycle's document as a form, or as a file: its stages, who is in each, and in which order that is judged. */

import { PlusOutlined } from "@ant-design/icons";
import { Alert, Button, Drawer, Form, Input, Segmented } from "antd";
import { useState } from "react";
import { parse, stringify } from "yaml";

import { useCatalogue, useSegments } from "../../api/hooks";
import { useText } from "../../i18n";
import { unreadable } from "../../lib/yaml";
import { slug } from "../../lib/slug";
import {
  changeStage,
  judgedEarlier,
  type LifecycleDocument,
  moved,
  publishable,
  readable,
  withoutStage,
  withStage,
  written,
} from "../../lib/stages";
import { BiFields, TextField } from "../../ui/BiFields";
import { Moves, StageFields } from "./StageFields";

interface FieldsProps {
  one: LifecycleDocument;
  change: (one: LifecycleDocument) => void;
  /** The ids of the stages there are already: those stay what they are. */
  kept: string[];
  isNew: boolean;
}

function Judged({ one, change }: Pick<FieldsProps, "one" | "change">) {
  const { t, bi } = useText();
  return (
    <section className="gap-above">
      <h3 className="side-head">{t("lifecycles.judged")}</h3>
      <p className="section-help">{t("lifecycles.judgedHelp")}</p>
      <ol className="judged">
        {one.order.map((id, at) => {
          const stage = one.stages.find((each) => each.id === id);
          const name = bi(stage?.name) || id;
          return (
            <li key={id || at} className="row">
              <span className="judged-dot" style={{ background: stage?.colour }} aria-hidden />
              {name}
              {!stage?.condition && <span className="faint">{t("lifecycles.rest")}</span>}
              <span className="grow" />
              {stage?.condition && (
                <Moves
                  name={name}
                  at={at}
                  of={one.stages.filter((each) => each.condition).length}
                  move={(by) => change(judgedEarlier(one, id, by))}
                />
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Fields({ one, change, kept, isNew }: FieldsProps) {
  const { t } = useText();
  const catalogue = useCatalogue().data;
  const segments = useSegments().data?.items ?? [];
  const follows = isNew && one.id === slug(one.name.en);
  return (
    <Form layout="vertical" component="div">
      <div className="halves">
        <BiFields
          id="lifecycle"
          of="name"
          value={one.name}
          onChange={(name) => change({ ...one, name, ...(follows ? { id: slug(name.en) } : {}) })}
        />
        {isNew && (
          <TextField
            id="lifecycle-id"
            label={t("tag.id")}
            help={t("segment.idHelp")}
            value={one.id}
            onChange={(id) => change({ ...one, id: slug(id) })}
          />
        )}
      </div>
      <div className="stack">
        {one.stages.map((stage, at) => (
          <StageFields
            key={at}
            stage={stage}
            at={at}
            of={one.stages.length}
            catalogue={catalogue}
            segments={segments}
            change={(part) => change(changeStage(one, at, part, !kept.includes(stage.id)))}
            move={(by) => change({ ...one, stages: moved(one.stages, at, by) })}
            remove={() => change(withoutStage(one, stage.id))}
          />
        ))}
        <Button icon={<PlusOutlined aria-hidden />} onClick={() => change(withStage(one))}>
          {t("lifecycles.addStage")}
        </Button>
      </div>
      <Judged one={one} change={change} />
    </Form>
  );
}

interface Props {
  document: unknown;
  busy: boolean;
  /** What the server refused it for. */
  refused: string | null;
  close: () => void;
  save: (document: Record<string, unknown>) => void;
}

export function ModelForm({ document, busy, refused, close, save }: Props) {
  const { t } = useText();
  const [start] = useState(() => readable(document));
  const [one, setOne] = useState(start);
  const [text, setText] = useState(() => stringify(document));
  const [view, setView] = useState<"form" | "yaml">(start ? "form" : "yaml");
  const isNew = start?.id === "";
  const kept = isNew ? [] : (start?.stages.map((stage) => stage.id) ?? []);
  const wrongIn = useWrong();
  const trouble = view === "yaml" ? wrongIn(text) : null;
  const turn = (to: "form" | "yaml") => {
    if (to === "yaml" && one) setText(stringify(written(one)));
    if (to === "form") setOne(readable(parse(text)));
    setView(to);
  };
  const publish = () => {
    if (view === "yaml") save(parse(text) as Record<string, unknown>);
    else if (one) save({ ...written(one) });
  };
  return (
    <Drawer
      open
      size={860}
      title={t(isNew ? "lifecycles.create" : "lifecycles.edit")}
      onClose={close}
      extra={
        <Segmented<"form" | "yaml">
          aria-label={t("segment.view")}
          value={view}
          onChange={turn}
          options={[
            {
              value: "form",
              label: t("lifecycles.form"),
              disabled: view === "yaml" && (trouble !== null || readable(parse(text)) === null),
            },
            { value: "yaml", label: "YAML" },
          ]}
        />
      }
      footer={
        <Button
          type="primary"
          loading={busy}
          disabled={view === "yaml" ? trouble !== null : !one || !publishable(one)}
          onClick={publish}
        >
          {t("lifecycles.publish")}
        </Button>
      }
    >
      {refused && <Alert className="gap-below" type="error" showIcon title={refused} />}
      {view === "form" && one ? (
        <Fields one={one} change={setOne} kept={kept} isNew={isNew} />
      ) : (
        <>
          <p className="faint">{t("lifecycles.editHelp")}</p>
          {trouble !== null && <Alert className="gap-below" type="error" showIcon title={trouble} />}
          <Input.TextArea
            aria-label="YAML"
            className="mono"
            autoSize={{ minRows: 18, maxRows: 40 }}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </>
      )}
    </Drawer>
  );
}

/** What is wrong with a text; null where nothing is. */
function useWrong() {
  const { t, code } = useText();
  return (text: string): string | null => {
    const wrong = unreadable(text);
    if (wrong) return t("yaml.at", { line: wrong.line, what: code("yaml", wrong.code) });
    const read: unknown = parse(text);
    const whole = typeof read === "object" && read !== null && "id" in read && "stages" in read;
    return whole ? null : t("lifecycles.noDocument");
  };
}
