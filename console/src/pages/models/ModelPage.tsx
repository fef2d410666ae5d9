/** One model: how it was learned and how good it is, training it anew, and what is done with its scores. */

import { Alert, App, Button, Descriptions, Progress, Space } from "antd";
import { useState, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate, useParams } from "react-router";

import { useMaker } from "../../api/names";
import { ApiError } from "../../api/client";
import {
  deleteModel,
  ended,
  trainModel,
  useJob,
  useModel,
  writeScores,
  type Job,
  type Kind,
  type Model,
} from "../../api/models";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { number, time } from "../../lib/format";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, Failure, Nothing, useErrorText } from "../../ui/States";
import { ModelForm } from "./ModelForm";
import { addressOf } from "./kinds";

interface Props<C> {
  kind: Kind;
  /** What stands in the card's place; `use` writes the scores, and makes what is asked for of them. */
  children: (card: C, use: (body: object) => void, busy: boolean, model: Model<C>) => ReactNode;
}

function UnderWay({ job }: { job: Job | undefined }) {
  const { t } = useText();
  const step = job?.step ?? "";
  return (
    <Section>
      <div aria-live="polite">
        {t("models.underWay")}
        {step && `${t("models.colon")}${t(`models.step.${step}`, { defaultValue: step })}`}
      </div>
      <Progress percent={Math.round(100 * (job?.share ?? 0))} aria-label={t("models.underWay")} />
    </Section>
  );
}

function Ended({ job, segment, kind }: { job: Job; segment: string | null | undefined; kind: Kind }) {
  const { t, language } = useText();
  if (job.status === "failed" && job.error) {
    return <Failure error={new ApiError(422, job.error.code, job.error.message)} />;
  }
  if (job.status !== "done" || job.what !== "score") return null;
  return (
    <Alert
      type="success"
      showIcon
      title={t("models.scoresWritten", { n: number(job.changed, language) })}
      description={
        segment ? (
          <Link to={`/segments/${encodeURIComponent(segment)}`}>{t("models.openSegment")}</Link>
        ) : (
          t(`models.${kind}.next`)
        )
      }
    />
  );
}

function Card({ model, from }: { model: Model<unknown>; from: string }) {
  const { t, language } = useText();
  const maker = useMaker();
  const { zone } = useWorkspace().workspace;
  const { version, trait } = model;
  const items = [
    { key: "v", label: t("models.version"), children: version?.version },
    { key: "at", label: t("models.asOf"), children: time(version?.as_of, language, zone) },
    { key: "from", label: t("models.from"), children: time(from, language, zone) },
    { key: "by", label: t("models.by"), children: maker(version?.created_by) },
  ];
  if (trait) {
    items.push(
      { key: "t", label: t("models.trait"), children: trait },
      { key: "s", label: t("models.scoredAt"), children: time(version?.scored_at, language, zone) },
    );
  }
  return (
    <Section title={t("models.card")} help={t("models.cardHelp")}>
      <Descriptions size="small" column={{ xs: 1, md: 2 }} items={items} />
    </Section>
  );
}

function Drop({ kind, id, name, busy }: { kind: Kind; id: string; name: string; busy: boolean }) {
  const { t } = useText();
  const { message, modal } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const navigate = useNavigate();
  const ask = () =>
    modal.confirm({
      title: t("models.deleteAsk", { name }),
      content: t("models.deleteHelp"),
      okText: t("action.delete"),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await deleteModel(kind, id);
          await client.invalidateQueries({ queryKey: ["models", kind] });
          await navigate(addressOf[kind]);
        } catch (error) {
          message.error(errorText(error));
        }
      },
    });
  return (
    <Button danger disabled={busy} onClick={ask}>
      {t("action.delete")}
    </Button>
  );
}

interface EditProps {
  kind: Kind;
  model: Model<unknown>;
  busy: boolean;
  begun: (job: string) => void;
}

/** Change it, or take it back. */
function Edit({ kind, model, busy, begun }: EditProps) {
  const { t, bi } = useText();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button disabled={busy} onClick={() => setOpen(true)}>
        {t("models.edit")}
      </Button>
      <Drop kind={kind} id={model.id} name={bi(model.name)} busy={busy} />
      {open && <ModelForm kind={kind} of={model} begun={begun} close={() => setOpen(false)} />}
    </>
  );
}

/** What is to be learned was changed, and nothing was learned since. */
function Changed({ model, busy }: { model: Model<unknown> | undefined; busy: boolean }) {
  const { t } = useText();
  if (!model?.changed || busy) return null;
  return <Alert type="info" showIcon title={t("models.changed", { n: model.version?.version })} />;
}

/** The job that was begun here, else the one the server says is under way. */
function useFollowed(begun: string | null, running: string | undefined) {
  const id = begun ?? running ?? null;
  const job = useJob(id);
  const busy = id !== null && !job.error && (job.data === undefined || !ended(job.data));
  return { job: job.data, busy };
}

export function ModelPage<C extends { data: { from: string; to: string } }>({ kind, children }: Props<C>) {
  const { t, bi } = useText();
  const { id = "" } = useParams();
  const { message } = App.useApp();
  const told = (useLocation().state as { job?: string } | null)?.job ?? null;
  const mayWrite = useWorkspace().user.role !== "viewer";
  const errorText = useErrorText();
  const model = useModel<C>(kind, id);
  const [begun, setBegun] = useState<string | null>(told);
  const whole = model.data;
  const { job, busy } = useFollowed(begun, whole?.job?.job_id);
  const begin = async (start: Promise<{ job_id: string }>) => {
    try {
      setBegun((await start).job_id);
    } catch (error) {
      message.error(errorText(error));
    }
  };
  const use = (body: object) => void begin(writeScores(kind, id, body));
  return (
    <Page
      title={whole ? bi(whole.name) : id}
      crumbs={[{ to: addressOf[kind], label: t(`models.${kind}.title`) }]}
      lead={<span className="mono">{id}</span>}
      action={
        mayWrite && (
          <Space wrap>
            {whole && <Edit kind={kind} model={whole} busy={busy} begun={setBegun} />}
            {whole?.trait && whole.card && (
              <Button disabled={busy} onClick={() => use({})}>
                {t("models.write")}
              </Button>
            )}
            <Button type="primary" loading={busy} onClick={() => void begin(trainModel(kind, id))}>
              {t(whole?.version ? "models.trainAgain" : "models.train")}
            </Button>
          </Space>
        )
      }
    >
      <div className="stack">
        {busy && <UnderWay job={job} />}
        <Changed model={whole} busy={busy} />
        {job && <Ended job={job} segment={whole?.version?.segment} kind={kind} />}
        <Asked answer={model} rows={8}>
          {(data) =>
            data.card ? (
              <>
                {children(data.card, use, busy, data)}
                <Card model={data} from={data.card.data.from} />
              </>
            ) : (
              !busy && <Nothing title={t("models.untrained")} help={t("models.untrainedHelp")} />
            )
          }
        </Asked>
      </div>
    </Page>
  );
}
