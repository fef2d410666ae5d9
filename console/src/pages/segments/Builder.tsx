/** The builder: the tree on the left, who that is on the right, counted while you type. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Segmented } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { api } from "../../api/client";
import { useCatalogue, useSegments } from "../../api/hooks";
import type { Bi, Condition, SegmentDocument } from "../../api/types";
import { useText } from "../../i18n";
import { rooted } from "../../lib/tree";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { useErrorText } from "../../ui/States";
import { ConditionEditor } from "./ConditionEditor";
import { LiveCount } from "./LiveCount";
import { YamlView } from "./YamlView";

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
}

interface NamingProps {
  isNew: boolean;
  name: Bi;
  setName: (name: Bi) => void;
  id: string;
  setId: (id: string) => void;
}

function Naming({ isNew, name, setName, id, setId }: NamingProps) {
  const { t } = useText();
  const flat = isNew ? undefined : "flat";
  return (
    <Section>
      <Form layout="vertical">
        <div className="halves">
          <Form.Item label={t("segment.nameZh")} htmlFor="segment-zh" className={flat}>
            <Input id="segment-zh" value={name.zh} onChange={(event) => setName({ ...name, zh: event.target.value })} />
          </Form.Item>
          <Form.Item label={t("segment.nameEn")} htmlFor="segment-en" className={flat}>
            <Input id="segment-en" value={name.en} onChange={(event) => setName({ ...name, en: event.target.value })} />
          </Form.Item>
        </div>
        {isNew && (
          <Form.Item label={t("segment.id")} htmlFor="segment-id" extra={t("segment.idHelp")} className="flat">
            <Input id="segment-id" value={id} onChange={(event) => setId(slug(event.target.value))} />
          </Form.Item>
        )}
      </Form>
    </Section>
  );
}

export function Builder({ saved }: { saved: SegmentDocument }) {
  const { t, bi } = useText();
  const { message, modal } = App.useApp();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const client = useQueryClient();
  const catalogue = useCatalogue();
  const segments = useSegments();
  const isNew = saved.id === "";
  const [name, setName] = useState(saved.name);
  const [typedId, setTypedId] = useState(saved.id);
  const [condition, setCondition] = useState<Condition>(() => rooted(saved.condition));
  const [view, setView] = useState<"builder" | "yaml">("builder");
  const [busy, setBusy] = useState(false);
  const id = isNew ? typedId || slug(name.en) : saved.id;
  const document: SegmentDocument = {
    kind: "segment",
    id,
    name: { en: name.en || name.zh, zh: name.zh || name.en },
    condition,
  };
  const dirty = JSON.stringify([name, condition]) !== JSON.stringify([saved.name, rooted(saved.condition)]);

  const refresh = () =>
    Promise.all(["segments", "segment", "customers"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  const save = async () => {
    setBusy(true);
    try {
      await api.put(`/segments/${encodeURIComponent(id)}`, document);
      await refresh();
      message.success(t("segment.saved"));
      if (isNew) await navigate(`/segments/${encodeURIComponent(id)}`, { replace: true });
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

  return (
    <Page
      title={isNew ? t("segment.new") : bi(saved.name) || saved.id}
      crumbs={[{ to: "/segments", label: t("menu.segments") }]}
      lead={isNew ? undefined : <span className="mono">{saved.id}</span>}
      action={
        <>
          {!isNew && <Link to={`/customers?segment=${encodeURIComponent(saved.id)}`}>{t("segment.members")}</Link>}
          {!isNew && (
            <Button danger onClick={drop}>
              {t("action.delete")}
            </Button>
          )}
          <Button
            type="primary"
            loading={busy}
            disabled={!id || !(name.en || name.zh) || !dirty}
            onClick={() => void save()}
          >
            {t("action.save")}
          </Button>
        </>
      }
    >
      <div className="split">
        <div className="stack">
          <Naming isNew={isNew} name={name} setName={setName} id={id} setId={setTypedId} />
          <Section
            title={t("segment.conditions")}
            extra={
              <Segmented
                size="small"
                aria-label={t("segment.view")}
                value={view}
                onChange={setView}
                options={[
                  { value: "builder", label: t("segment.builder") },
                  { value: "yaml", label: "YAML" },
                ]}
              />
            }
          >
            {view === "builder" ? (
              <ConditionEditor
                tree={condition}
                onChange={setCondition}
                catalogue={catalogue.data}
                segments={segments.data?.items.filter((one) => one.id !== saved.id) ?? []}
              />
            ) : (
              <YamlView document={document} onChange={(read) => setCondition(rooted(read))} />
            )}
          </Section>
        </div>
        <LiveCount condition={condition} />
      </div>
    </Page>
  );
}
