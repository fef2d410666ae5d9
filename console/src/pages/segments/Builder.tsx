/** The builder: the tree (or its file) on the left, who that is on the right, counted while you type. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { api, ApiError } from "../../api/client";
import { usePreview } from "../../api/hooks";
import type { Bi, Condition, SegmentDocument } from "../../api/types";
import { useText } from "../../i18n";
import { slug } from "../../lib/slug";
import { complete, rooted, sound, unfinished } from "../../lib/tree";
import { BiFields, TextField } from "../../ui/BiFields";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { useErrorText } from "../../ui/States";
import { useDebounced } from "../../ui/useDebounced";
import { Conditions, type View } from "./Conditions";
import { LiveCount } from "./LiveCount";
import { useEdits, useKeys } from "./useEdits";

interface NamingProps {
  isNew: boolean;
  name: Bi;
  setName: (name: Bi) => void;
  id: string;
  setId: (id: string) => void;
}

function Naming({ isNew, name, setName, id, setId }: NamingProps) {
  const { t } = useText();
  return (
    <Section>
      <Form layout="vertical" component="div">
        <div className="halves flat">
          <BiFields id="segment" of="name" value={name} onChange={setName} />
          {isNew && (
            <TextField
              id="segment-id"
              label={t("segment.id")}
              help={t("segment.idHelp")}
              value={id}
              onChange={(text) => setId(slug(text))}
            />
          )}
        </div>
      </Form>
    </Section>
  );
}

/** What is done with a segment as a whole. */
function useActions(saved: SegmentDocument, document: SegmentDocument) {
  const { t, bi } = useText();
  const { message, modal } = App.useApp();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const refresh = () =>
    Promise.all(["segments", "segment", "customers"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  const save = async () => {
    setBusy(true);
    try {
      const address = `/segments/${encodeURIComponent(document.id)}`;
      await api.put(address, document);
      await refresh();
      message.success(t("segment.saved"));
      if (saved.id === "") await navigate(address, { replace: true });
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const drop = () =>
    modal.confirm({
      title: t("segment.deleteAsk", { name: bi(saved.name) }),
      content: t("segment.deleteHelp"),
      okText: t("action.delete"),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await api.delete(`/segments/${encodeURIComponent(saved.id)}`);
          await refresh();
          await navigate("/segments");
        } catch (error) {
          message.error(errorText(error));
        }
      },
    });
  return { busy, save, drop };
}

interface ActionsProps {
  saved: SegmentDocument;
  busy: boolean;
  ready: boolean;
  save: () => void;
  drop: () => void;
}

function Actions({ saved, busy, ready, save, drop }: ActionsProps) {
  const { t } = useText();
  return (
    <>
      {saved.id !== "" && (
        <>
          <Link to={`/customers?segment=${encodeURIComponent(saved.id)}`}>{t("segment.members")}</Link>
          <Button danger onClick={drop}>
            {t("action.delete")}
          </Button>
        </>
      )}
      <Button type="primary" loading={busy} disabled={!ready} onClick={save}>
        {t("action.save")}
      </Button>
    </>
  );
}

/** The field the server refuses, and why. */
function refusalOf(error: unknown): { field: string; message: string } | null {
  if (!(error instanceof ApiError) || !error.field?.startsWith("condition")) return null;
  return { field: error.field, message: error.message };
}

export function Builder({ saved }: { saved: SegmentDocument }) {
  const { t, bi } = useText();
  const { message } = App.useApp();
  const isNew = saved.id === "";
  const [name, setName] = useState(saved.name);
  const [typedId, setTypedId] = useState(saved.id);
  const [trouble, setTrouble] = useState(false);
  const [view, setView] = useState<View>("builder");
  const edits = useEdits<Condition>(() => rooted(saved.condition));
  const condition = edits.now;
  const rested = useDebounced(condition, 300);
  const whole = sound(rested) && complete(rested);
  const preview = usePreview(whole || view === "yaml" ? rested : null);
  const refused = refusalOf(preview.error);
  const id = isNew ? typedId || slug(name.en) : saved.id;
  const named = { en: name.en || name.zh, zh: name.zh || name.en };
  const document: SegmentDocument = { kind: "segment", id, name: named, condition };
  const { busy, save, drop } = useActions(saved, document);
  const dirty = JSON.stringify([name, condition]) !== JSON.stringify([saved.name, rooted(saved.condition)]);
  const valid = !trouble && sound(condition);
  const ready = id !== "" && named.en !== "" && dirty && valid;
  // Somebody who saves what is half written is led to what is lacking; the server would only refuse it.
  const keep = () => {
    if (view === "builder" && unfinished(condition).length > 0) {
      message.warning(t("segment.fillFirst"));
      window.document.querySelector<HTMLElement>(".cond-lacking input")?.focus();
      return;
    }
    void save();
  };
  useKeys({ s: ready ? keep : undefined, z: edits.undo, Z: edits.redo, y: edits.redo });

  return (
    <Page
      title={isNew ? t("segment.new") : bi(saved.name) || saved.id}
      crumbs={[{ to: "/segments", label: t("menu.segments") }]}
      lead={isNew ? undefined : <span className="mono">{saved.id}</span>}
      action={<Actions saved={saved} busy={busy} ready={ready} save={keep} drop={drop} />}
    >
      <div className="split">
        <div className="stack">
          <Naming isNew={isNew} name={name} setName={setName} id={id} setId={setTypedId} />
          <Conditions
            document={document}
            own={saved.id}
            edits={edits}
            view={view}
            setView={setView}
            valid={valid}
            setTrouble={setTrouble}
            refused={refused}
          />
        </div>
        <LiveCount preview={preview} whole={whole} said={view === "yaml" && (refused !== null || trouble)} />
      </div>
    </Page>
  );
}
