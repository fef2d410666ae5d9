/** Set up a source: choose what it is, say where it is, see that it answers and what its rows become, say when. */

import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Drawer, Form, Select, Steps } from "antd";
import { useState } from "react";

import { ApiError } from "../../../api/client";
import {
  checkSource,
  type Connector,
  type Connectors,
  peekSource,
  type Peek,
  saveSource,
  type Source,
  useConnectors,
} from "../../../api/sources";
import { useText } from "../../../i18n";
import { Asked, useErrorText } from "../../../ui/States";
import { askedOf, type Draft, draftOf, idOf, remapped } from "./draft";
import { Mapping } from "./Mapping";
import { What, Where, Whenever } from "./steps";

interface Props {
  open: boolean;
  close: () => void;
  saved: (id: string) => void;
  /** The source that is changed; a new one without. */
  of?: Source;
}

export function Wizard({ open, close, saved, of }: Props) {
  const { t } = useText();
  const connectors = useConnectors();
  return (
    <Drawer open={open} onClose={close} size={760} title={of ? t("sources.change") : t("sources.new")} destroyOnHidden>
      <Asked answer={connectors}>
        {(data) => <Body known={data} close={close} saved={saved} {...(of ? { of } : {})} />}
      </Asked>
    </Drawer>
  );
}

/** The draft, what the other side said of it, and what can be done with it. */
function useDraft({ known, saved, of }: Omit<Props, "open" | "close"> & { known: Connectors }) {
  const { bi, language } = useText();
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(of, of ? bi(of.name) : ""));
  const [step, setStep] = useState(of ? 1 : 0);
  const [peek, setPeek] = useState<Peek | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const connector = known.items.find((one) => one.name === draft.connector);
  const trying = async (work: (way: Connector) => Promise<void>) => {
    if (!connector) return;
    setBusy(true);
    setError(null);
    try {
      await work(connector);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  const look = (changed: Partial<Draft> = {}) =>
    trying(async (known) => {
      const next = { ...draft, ...changed };
      const asked = askedOf(next, known, language, of);
      if (known.way === "asked") {
        const seen = await peekSource(asked);
        setPeek(seen);
        setDraft({ ...next, kind: seen.kind });
      } else await checkSource(asked);
      setStep(2);
    });
  const save = () =>
    trying(async (known) => {
      const made = await saveSource(askedOf(draft, known, language, of));
      await client.invalidateQueries({ queryKey: ["sources"] });
      saved(made.id);
    });
  return { draft, setDraft, step, setStep, peek, busy, error, connector, look, save };
}

type Doing = ReturnType<typeof useDraft>;

function Rows({ doing, connector, known }: { doing: Doing; connector: Connector; known: Connectors }) {
  const { t, bi } = useText();
  const { draft, peek, look } = doing;
  return (
    <>
      <Alert className="gap-below" type="success" showIcon title={t("sources.answers")} />
      {connector.way === "asked" && (
        <Form.Item label={t("import.kind")} htmlFor="source-kind">
          <Select
            id="source-kind"
            value={draft.kind}
            onChange={(kind: string) => void look({ kind, map: {} })}
            options={known.kinds.map((one) => ({
              value: one.kind,
              label: `${t(`import.kinds.${one.kind}`, { defaultValue: one.kind })} – ${bi(one.text)}`,
            }))}
          />
        </Form.Item>
      )}
      {peek && (
        <Mapping
          peek={peek}
          onMap={(field, column) => {
            const fed = peek.columns.find((one) => one.column === column)?.field;
            void look({ map: remapped(draft.map, column, fed, field) });
          }}
        />
      )}
    </>
  );
}

function Foot({ doing, first, close }: { doing: Doing; first: number; close: () => void }) {
  const { t } = useText();
  const { step, setStep, busy, draft, peek } = doing;
  const forward = [
    null,
    <Button
      key="check"
      type="primary"
      loading={busy}
      disabled={!draft.name.trim() || !idOf(draft)}
      onClick={() => void doing.look()}
    >
      {t("sources.check")}
    </Button>,
    <Button key="next" type="primary" disabled={busy || Boolean(peek?.missing.length)} onClick={() => setStep(3)}>
      {t("sources.next")}
    </Button>,
    <Button key="save" type="primary" loading={busy} onClick={() => void doing.save()}>
      {t("action.save")}
    </Button>,
  ];
  return (
    <div className="row gap-above">
      {step > first && (
        <Button disabled={busy} onClick={() => setStep(step - 1)}>
          {t("sources.back")}
        </Button>
      )}
      {forward[step]}
      <Button type="text" onClick={close}>
        {t("sources.leave")}
      </Button>
    </div>
  );
}

function Body(props: Omit<Props, "open"> & { known: Connectors }) {
  const { t } = useText();
  const errorText = useErrorText();
  const doing = useDraft(props);
  const { draft, setDraft, step, setStep, error, connector } = doing;
  const set = (changed: Partial<Draft>) => setDraft({ ...draft, ...changed });
  const wrong = error instanceof ApiError ? (error.field ?? "").replace("settings.", "") : null;
  return (
    <Form layout="vertical">
      <Steps
        className="gap-below"
        size="small"
        current={step}
        items={["what", "where", "rows", "when"].map((one) => ({ title: t(`sources.step.${one}`) }))}
      />
      {error !== null && <Alert className="gap-below" type="error" showIcon role="alert" title={errorText(error)} />}
      {step === 0 && (
        <What
          connectors={props.known.items}
          chosen={draft.connector}
          choose={(name) => {
            set({ connector: name, settings: {}, kind: "", map: {} });
            setStep(1);
          }}
        />
      )}
      {step === 1 && connector && (
        <Where draft={draft} set={set} connector={connector} wrong={wrong} {...(props.of ? { of: props.of } : {})} />
      )}
      {step === 2 && connector && <Rows doing={doing} connector={connector} known={props.known} />}
      {step === 3 && connector && <Whenever draft={draft} set={set} connector={connector} />}
      <Foot doing={doing} first={props.of ? 1 : 0} close={props.close} />
    </Form>
  );
}
