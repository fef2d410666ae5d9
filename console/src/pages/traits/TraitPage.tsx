/** One trait: its definition as a form, what it comes to for some customers while it is written, who stands on it. */

import { App, Button, Form, Popconfirm } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { deleteTrait, saveTrait, type TraitDocument, type TraitRow, useTrait } from "../../api/traits";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, useErrorText } from "../../ui/States";
import { SpecForm } from "./SpecForm";
import { TraitPreviewPane } from "./TraitPreviewPane";
import { TraitNaming, TraitWords } from "./TraitWords";

const BLANK: TraitDocument = {
  kind: "trait",
  id: "",
  name: { en: "", zh: "" },
  group: "behaviour",
  of: { type: "aggregate", measure: "count", event: "Order Completed", within: "30d" },
};
const HOMES: Record<string, string> = { trait: "/traits", segment: "/segments", tag: "/tags", lifecycle: "/lifecycle" };

function UsedBy({ row }: { row: TraitRow }) {
  const { t, bi } = useText();
  return (
    <Section title={t("traits.usedBy")}>
      {row.used_by.length === 0 && <span className="faint">{t("traits.usedByNobody")}</span>}
      <ul style={{ margin: 0, paddingInlineStart: 18 }}>
        {row.used_by.map((one) => (
          <li key={`${one.kind}-${one.id}`}>
            <Link to={`${HOMES[one.kind] ?? ""}/${encodeURIComponent(one.id)}`}>{bi(one.name)}</Link>{" "}
            <span className="faint">{t(`traits.kinds.${one.kind}`, { defaultValue: one.kind })}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Editor({ saved, row }: { saved: TraitDocument; row?: TraitRow }) {
  const { t, bi } = useText();
  const { user } = useWorkspace();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const [document, setDocument] = useState(saved);
  const [busy, setBusy] = useState(false);
  const isNew = row === undefined;
  const writes = user.role !== "viewer";
  const change = (part: Partial<TraitDocument>) => setDocument({ ...document, ...part });
  const act = async (work: () => Promise<unknown>, done: string, to: string) => {
    setBusy(true);
    try {
      await work();
      await queries.invalidateQueries({ queryKey: ["traits"] });
      await queries.invalidateQueries({ queryKey: ["trait", document.id] });
      void message.success(done);
      void navigate(to);
    } catch (error) {
      void message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Page
      title={isNew ? t("traits.create") : bi(saved.name) || saved.id}
      crumbs={[{ to: "/traits", label: t("menu.traits") }]}
      action={
        writes && !isNew ? (
          <Popconfirm
            title={t("traits.deleteAsk")}
            okText={t("traits.delete")}
            onConfirm={() => act(() => deleteTrait(saved.id), t("traits.deleted"), "/traits")}
          >
            <Button danger>{t("traits.delete")}</Button>
          </Popconfirm>
        ) : undefined
      }
    >
      <div className="halves">
        <Section title={t("traits.definition")}>
          <Form layout="vertical" disabled={!writes}>
            <TraitNaming one={document} change={change} isNew={isNew} />
            <SpecForm spec={document.of} change={(of) => change({ of })} />
            <TraitWords one={document} change={change} />
            {writes && (
              <Button
                type="primary"
                loading={busy}
                disabled={!/^[A-Za-z]\w*$/.test(document.id) || !(document.name.en || document.name.zh)}
                onClick={() => void act(() => saveTrait(document), t("traits.saved"), `/traits/${document.id}`)}
              >
                {t("traits.save")}
              </Button>
            )}
          </Form>
        </Section>
        <div className="stack">
          {writes && <TraitPreviewPane document={document} />}
          {row && <UsedBy row={row} />}
        </div>
      </div>
    </Page>
  );
}

export default function TraitPage() {
  const { t } = useText();
  const { id = "new" } = useParams();
  const trait = useTrait(id === "new" ? null : id);
  if (id === "new") return <Editor key="new" saved={BLANK} />;
  if (trait.data) {
    const saved = trait.data.document as unknown as TraitDocument;
    const name = typeof saved.name === "string" ? { en: saved.name, zh: "" } : saved.name;
    return <Editor key={`${id}-${trait.data.version}`} saved={{ ...saved, name }} row={trait.data} />;
  }
  return (
    <Page title={t("traits.one")} crumbs={[{ to: "/traits", label: t("menu.traits") }]}>
      <Asked answer={trait}>{() => null}</Asked>
    </Page>
  );
}
