/** One dataset: what people say of it, its lineage, its fields. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useParams } from "react-router";

import { CLASSES, type Dataset, GRADES, type Said, sayOfData, useDataset } from "../../../api/catalogue";
import { useWorkspace } from "../../../app/workspace";
import { useText } from "../../../i18n";
import { number } from "../../../lib/format";
import { Moment } from "../../../ui/Moment";
import { Page } from "../../../ui/Page";
import { Section } from "../../../ui/Section";
import { Asked, useErrorText } from "../../../ui/States";
import { Fields } from "./Fields";
import { Lineage } from "./Lineage";
import { LevelPill } from "./marks";

interface Props {
  dataset: Dataset;
  mayChange: boolean;
  changed: () => Promise<void>;
}

type Words = { class: string; grade: string; owner: string; note: string };

function About({ dataset, mayChange, changed }: Props) {
  const { t } = useText();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const { said } = dataset;
  const save = async (words: Words) => {
    setBusy(true);
    const given = Object.fromEntries(
      Object.entries(words).map(([name, value]) => [name, value.trim() || null]),
    ) as Said;
    try {
      await sayOfData(dataset.id, [""], () => given);
      await changed();
      void message.success(t("catalogue.saved"));
    } catch (error) {
      void message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const unsaid = (value: string, how: string) => ({ value: "", label: `${value} (${how})` });
  return (
    <Form<Words>
      layout="vertical"
      disabled={!mayChange}
      className="about-data"
      initialValues={{
        class: said.class ?? "",
        grade: said.grade ?? "",
        owner: said.owner ?? "",
        note: said.note ?? "",
      }}
      onFinish={(words) => void save(words)}
    >
      <Form.Item name="class" label={t("catalogue.class")}>
        <Select
          options={[
            unsaid(said.class ? "–" : t(`dataClass.${dataset.class}`), t("catalogue.byName")),
            ...CLASSES.map((value) => ({ value, label: t(`dataClass.${value}`) })),
          ]}
        />
      </Form.Item>
      <Form.Item name="grade" label={t("catalogue.grade")}>
        <Select
          options={[
            unsaid(said.grade ? "–" : dataset.grade, t("catalogue.computed")),
            ...GRADES.map((value) => ({ value, label: t(`gradeMeaning.${value}`) })),
          ]}
        />
      </Form.Item>
      <Form.Item name="owner" label={t("catalogue.owner")}>
        <Input maxLength={500} />
      </Form.Item>
      <Form.Item name="note" label={t("catalogue.note")}>
        <Input maxLength={500} />
      </Form.Item>
      {mayChange && (
        <Form.Item label=" " className="about-save">
          <Button htmlType="submit" loading={busy}>
            {t("catalogue.save")}
          </Button>
        </Form.Item>
      )}
    </Form>
  );
}

export default function DatasetPage() {
  const { t, bi, language } = useText();
  const { id = "" } = useParams();
  const { user } = useWorkspace();
  const client = useQueryClient();
  const dataset = useDataset(id);
  const changed = () => client.invalidateQueries({ queryKey: ["datasets"] });
  const mayChange = user.role !== "viewer";
  const data = dataset.data;
  return (
    <Page
      title={data ? bi(data.label) : id}
      crumbs={[{ to: "/catalogue", label: t("catalogue.title") }]}
      tags={data && <LevelPill level={data.sensitivity} />}
      lead={
        data && (
          <>
            <span className="mono">{data.id}</span> ·{" "}
            {t("catalogue.delivers", { count: data.n, shown: number(data.n, language) })} · {t("catalogue.firstSeen")}{" "}
            <Moment at={data.first_seen} /> · {t("catalogue.lastSeen")} <Moment at={data.last_seen} />
          </>
        )
      }
    >
      <Asked answer={dataset} rows={10}>
        {(found) => (
          <div className="stack">
            <Section title={t("catalogue.about")}>
              <About key={JSON.stringify(found.said)} dataset={found} mayChange={mayChange} changed={changed} />
            </Section>
            <Section title={t("catalogue.lineage")}>
              <Lineage dataset={found} />
            </Section>
            {found.columns.length > 0 && (
              <Section title={t("catalogue.fields")} className="flush">
                <Fields dataset={found} mayChange={mayChange} changed={changed} />
              </Section>
            )}
          </div>
        )}
      </Asked>
    </Page>
  );
}
