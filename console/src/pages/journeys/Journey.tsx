/** One journey: the live picture with its counts, and a draft of it being edited. Undo goes back a step at a time. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState } from "react";
import { useParams } from "react-router";

import { api } from "../../api/client";
import { useDefinitions, useJourney } from "../../api/hooks";
import type { Journey as JourneyData, JourneyDocument } from "../../api/types";
import { useText } from "../../i18n";
import { insert, type Edge } from "../../lib/journey";
import { Page } from "../../ui/Page";
import { Pill, toneOf } from "../../ui/Pill";
import { Asked, useErrorText } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import type { NodeKind } from "../../api/types";
import { Canvas } from "./Canvas";
import { SidePanel } from "./SidePanel";

function Editor({ journey }: { journey: JourneyData }) {
  const { t, bi, code } = useText();
  const { message, modal } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const { get, set } = useAddress();
  const contents = useDefinitions<{ id: string }>("content");
  const [drafts, setDrafts] = useState<JourneyDocument[]>([]);
  const [busy, setBusy] = useState(false);
  const draft = drafts.at(-1);
  const document = draft ?? journey.document;
  const chosen = get("node") ?? null;
  const choose = (id: string | null) => set({ node: id ?? undefined }, true);
  const path = `/journeys/${encodeURIComponent(document.id)}`;

  const run = async (work: () => Promise<unknown>, done: string) => {
    setBusy(true);
    try {
      await work();
      await client.invalidateQueries({ queryKey: ["journey", document.id] });
      await client.invalidateQueries({ queryKey: ["journeys"] });
      setDrafts([]);
      message.success(done);
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const save = () => run(() => api.put(path, document), t("journey.saved"));
  const ask = (action: "publish" | "pause" | "resume") =>
    modal.confirm({
      title: t(`journey.ask.${action}`, { name: bi(document.name) }),
      content: t(`journey.askHelp.${action}`),
      okText: t(`journey.${action}`),
      onOk: () => run(() => api.post(`${path}/${action}`), t(`journey.done.${action}`)),
    });
  const onInsert = (edge: Edge, kind: NodeKind) => {
    const { document: next, id } = insert(document, edge, kind, contents.data?.items[0]?.id ?? "");
    setDrafts([...drafts, next]);
    choose(id);
  };
  const live = journey.status === "live";
  const action = (
    <>
      {draft && (
        <>
          <Button onClick={() => setDrafts(drafts.slice(0, -1))}>{t("action.undo")}</Button>
          <Button type="primary" loading={busy} onClick={() => void save()}>
            {t("journey.saveDraft")}
          </Button>
        </>
      )}
      {!draft && live && <Button onClick={() => ask("pause")}>{t("journey.pause")}</Button>}
      {!draft && journey.status === "paused" && (
        <Button type="primary" onClick={() => ask("resume")}>
          {t("journey.resume")}
        </Button>
      )}
      {!draft && journey.version !== journey.live_version && (
        <Button type="primary" disabled={journey.errors.length > 0} onClick={() => ask("publish")}>
          {t("journey.publish")}
        </Button>
      )}
    </>
  );
  return (
    <Page
      wide
      title={bi(document.name) || document.id}
      crumbs={[{ to: "/journeys", label: t("menu.journeys") }]}
      tags={
        <>
          <Pill tone={toneOf(journey.status)}>{code("journeyStatus", journey.status)}</Pill>
          <Pill>v{journey.version ?? "–"}</Pill>
          {draft && <Pill tone="lamp">{t("journey.unsaved")}</Pill>}
        </>
      }
      action={action}
    >
      <div className="canvas-layout">
        <Canvas document={document} journey={journey} chosen={chosen} choose={choose} onInsert={onInsert} />
        <SidePanel
          document={document}
          journey={journey}
          chosen={chosen}
          choose={choose}
          onChange={(next) => setDrafts([...drafts, next])}
        />
      </div>
    </Page>
  );
}

export default function Journey() {
  const { t } = useText();
  const { id = "" } = useParams();
  const journey = useJourney(id);
  if (journey.data) return <Editor key={id} journey={journey.data} />;
  return (
    <Page title={t("journey.one")} crumbs={[{ to: "/journeys", label: t("menu.journeys") }]}>
      <Asked answer={journey} rows={10}>
        {() => null}
      </Asked>
    </Page>
  );
}
