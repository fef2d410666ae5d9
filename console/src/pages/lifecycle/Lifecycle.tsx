/** Lifecycles: who is where now, and how customers moved between the stages from one date to another. */

import { DownloadOutlined, EllipsisOutlined } from "@ant-design/icons";
import { App, Button, Drawer, Dropdown, Input, Select } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { address } from "../../api/client";
import {
  type Lifecycle as Model,
  type Moved,
  dropLifecycle,
  saveLifecycle,
  useFlow,
  useLifecycles,
  useMoved,
} from "../../api/marks";
import { useNow, useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { calendarDay, number, share } from "../../lib/format";
import { BLANK } from "../../lib/stages";
import { CursorPager } from "../../ui/CursorPager";
import { CustomerTable } from "../../ui/CustomerTable";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing, useErrorText } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import { ModelForm } from "./ModelForm";
import { Sankey } from "./Sankey";
import { useStageName } from "./names";

const CLAMP = { display: "-webkit-box", WebkitBoxOrient: "vertical", WebkitLineClamp: 3, overflow: "hidden" } as const;
const DAY = 86_400_000;
const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);

interface Span {
  from: string;
  to: string;
}

/** How many are in each stage: now where the model is in force, else at the end of the later day of the flow. */
function Stages({ model, span }: { model: Model; span: Span }) {
  const { t, bi, language } = useText();
  const live = model.status === "live";
  const flow = useFlow(model.id, span.from, span.to);
  const then = (id: string) =>
    flow.data?.moves.filter((one) => one.to === id).reduce((sum, one) => sum + one.n, 0) ?? null;
  const counted = model.stages.map((stage) => ({ stage, n: live ? (stage.n ?? null) : then(stage.id) }));
  const all = counted.reduce((sum, one) => sum + (one.n ?? 0), 0);
  return (
    <div className="tiles gap-below">
      {counted.map(({ stage, n }) => (
        <div className="tile" key={stage.id} style={{ borderTop: `3px solid ${stage.colour}` }}>
          <div className="tile-label">{bi(stage.name)}</div>
          <div className="tile-value">
            {number(n, language)}{" "}
            {n !== null && all > 0 && <small className="faint">{share(n / all, language, 0)}</small>}
          </div>
          <div className="tile-note" style={CLAMP} title={bi(stage.sentence)}>
            {bi(stage.sentence) || t("lifecycles.rest")}
          </div>
          {!live && n !== null && (
            <div className="tile-note">{t("lifecycles.atDay", { day: calendarDay(span.to, language) })}</div>
          )}
        </div>
      ))}
    </div>
  );
}

function People({ model, span, moved, close }: { model: Model; span: Span; moved: Moved | null; close: () => void }) {
  const { t, language } = useText();
  const named = useStageName(model);
  const [cursor, setCursor] = useState<string>();
  const asked = { ...span, was: moved?.from, now: moved?.to, cursor };
  const people = useMoved(model.id, asked, moved !== null);
  return (
    <Drawer
      open={moved !== null}
      onClose={close}
      size="large"
      title={moved && `${named(moved.from)} → ${named(moved.to)} · ${number(moved.n, language)}`}
    >
      {moved && (
        <Asked answer={people} rows={6}>
          {(data) => (
            <>
              <CustomerTable short rows={data.items} empty={<Nothing title={t("tag.nobody")} />} />
              <CursorPager next={data.next} cursor={cursor} total={moved.n} go={setCursor} />
            </>
          )}
        </Asked>
      )}
    </Drawer>
  );
}

function FlowOf({ model, span, setSpan }: { model: Model; span: Span; setSpan: (span: Partial<Span>) => void }) {
  const { t, language } = useText();
  const named = useStageName(model);
  const flow = useFlow(model.id, span.from, span.to);
  const [moved, setMoved] = useState<Moved | null>(null);
  const backwards = span.from > span.to;
  const csv = address(`/lifecycles/${encodeURIComponent(model.id)}/flow.csv`, { ...span, lang: language });
  return (
    <Section
      title={t("lifecycles.flow")}
      help={t("lifecycles.flowHelp")}
      extra={
        <div className="filters">
          <Input
            type="date"
            aria-label={t("lifecycles.from")}
            style={{ width: 160 }}
            value={span.from}
            max={span.to}
            onChange={(event) => event.target.value && setSpan({ from: event.target.value })}
          />
          <span aria-hidden className="faint">
            →
          </span>
          <Input
            type="date"
            aria-label={t("lifecycles.to")}
            style={{ width: 160 }}
            value={span.to}
            min={span.from}
            onChange={(event) => event.target.value && setSpan({ to: event.target.value })}
          />
          <Button icon={<DownloadOutlined aria-hidden />} href={csv} download>
            CSV
          </Button>
        </div>
      }
    >
      {backwards ? (
        <Nothing title={t("lifecycles.backwards")} help={t("lifecycles.backwardsHelp")} />
      ) : (
        <Asked answer={flow} rows={8}>
          {(data) =>
            data.moves.length === 0 ? (
              <Nothing title={t("lifecycles.nobody")} help={t("lifecycles.nobodyHelp")} />
            ) : (
              <>
                <p className="faint">
                  {t("lifecycles.counted", {
                    before: number(data.before, language),
                    after: number(data.after, language),
                  })}
                  {data.merged > 0 &&
                    ` ${t("lifecycles.merged", { merged: number(data.merged, language), count: data.merged })}`}
                  {data.as_now.length > 0 && ` ${t("lifecycles.asNow", { traits: data.as_now.join(", ") })}`}
                </p>
                <Sankey flow={data} onPick={setMoved} />
                <table className="plain-table gap-above">
                  <thead>
                    <tr>
                      <th scope="col">{t("lifecycles.was")}</th>
                      <th scope="col">{t("lifecycles.now")}</th>
                      <th scope="col" className="right">
                        {t("tag.people")}
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {data.moves.map((one) => (
                      <tr key={`${one.from}>${one.to}`}>
                        <td>{named(one.from)}</td>
                        <td>{named(one.to)}</td>
                        <td className="right num">
                          <Button
                            type="link"
                            size="small"
                            aria-label={t("lifecycles.show", { from: named(one.from), to: named(one.to), n: one.n })}
                            onClick={() => setMoved(one)}
                          >
                            {number(one.n, language)}
                          </Button>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </>
            )
          }
        </Asked>
      )}
      <People
        key={`${moved?.from}>${moved?.to}`}
        model={model}
        span={span}
        moved={moved}
        close={() => setMoved(null)}
      />
    </Section>
  );
}

/** Runs what changes a lifecycle, and says what became of it. */
function useWork() {
  const { message } = App.useApp();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const work = async (doing: Promise<unknown>, said: string): Promise<boolean> => {
    setBusy(true);
    setRefused(null);
    try {
      await doing;
      await Promise.all(["lifecycles", "flow", "customer"].map((key) => client.invalidateQueries({ queryKey: [key] })));
      message.success(said);
      return true;
    } catch (error) {
      setRefused(errorText(error));
      message.error(errorText(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, refused, work };
}

/** What is done with a model, and the way to a new one. */
function Acts({ model, show }: { model: Model; show: (id: string) => void }) {
  const { t, bi } = useText();
  const { modal } = App.useApp();
  const { busy, refused, work } = useWork();
  const [editing, setEditing] = useState<Record<string, unknown> | null>(null);
  const document = model.document;
  const live = model.status === "live";
  const save = async (changed: Record<string, unknown>) => {
    if (!(await work(saveLifecycle(changed), t("lifecycles.published")))) return;
    setEditing(null);
    show(String(changed.id));
  };
  const drop = () =>
    modal.confirm({
      title: t("lifecycles.dropAsk", { name: bi(model.name) }),
      content: t("lifecycles.dropHelp"),
      okText: t("action.delete"),
      okButtonProps: { danger: true },
      onOk: () => work(dropLifecycle(model.id), t("lifecycles.dropped")),
    });
  const more = [
    { key: "new", label: t("lifecycles.create"), onClick: () => setEditing({ ...BLANK }) },
    ...(live
      ? [
          {
            key: "main",
            label: t(model.main ? "lifecycles.notMain" : "lifecycles.makeMain"),
            onClick: () => void work(saveLifecycle({ ...document, main: !model.main }), t("lifecycles.published")),
          },
          { key: "drop", label: t("action.delete"), danger: true, onClick: drop },
        ]
      : []),
  ];
  return (
    <>
      <Dropdown trigger={["click"]} menu={{ items: more }}>
        <Button icon={<EllipsisOutlined aria-hidden />} aria-label={t("lifecycles.more")} />
      </Dropdown>
      <Button type={live ? "primary" : "default"} onClick={() => setEditing(document)}>
        {t("lifecycles.edit")}
      </Button>
      {!live && (
        <Button type="primary" loading={busy} onClick={() => void save(document)}>
          {t("lifecycles.publish")}
        </Button>
      )}
      {editing && (
        <ModelForm
          key={String(editing.id)}
          document={editing}
          busy={busy}
          refused={refused}
          close={() => setEditing(null)}
          save={(changed) => void save(changed)}
        />
      )}
    </>
  );
}

export default function Lifecycle() {
  const { t, bi } = useText();
  const { user } = useWorkspace();
  const { get, set } = useAddress();
  const today = useNow();
  const models = useLifecycles();
  const items = models.data?.items ?? [];
  const chosen = items.find((one) => one.id === get("model")) ?? items.find((one) => one.status === "live") ?? items[0];
  const to = get("to") ?? isoDay(today);
  const span = { to, from: get("from") ?? isoDay(Date.parse(to) - 30 * DAY) };
  return (
    <Page
      title={t("lifecycles.title")}
      lead={chosen ? bi(chosen.description) || t("lifecycles.lead") : t("lifecycles.lead")}
      tags={
        chosen && (
          <>
            <Pill tone={chosen.status === "live" ? "good" : "quiet"}>{t(`lifecycles.status.${chosen.status}`)}</Pill>
            {chosen.main && <Pill tone="sea">{t("lifecycles.main")}</Pill>}
          </>
        )
      }
      action={
        chosen && (
          <>
            <Select
              aria-label={t("lifecycles.model")}
              style={{ minWidth: 190 }}
              value={chosen.id}
              onChange={(model: string) => set({ model })}
              options={items.map((one) => ({ value: one.id, label: bi(one.name) }))}
            />
            {user.role !== "viewer" && <Acts key={chosen.id} model={chosen} show={(model) => set({ model })} />}
          </>
        )
      }
    >
      <Asked answer={models} rows={8}>
        {() =>
          chosen ? (
            <>
              <Stages model={chosen} span={span} />
              <FlowOf model={chosen} span={span} setSpan={(part) => set({ ...span, ...part })} />
            </>
          ) : (
            <Nothing title={t("lifecycles.nobody")} />
          )
        }
      </Asked>
    </Page>
  );
}
