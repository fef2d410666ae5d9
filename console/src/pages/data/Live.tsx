/** Events as they arrive: pause, filter, and see one whole. */

import { PauseOutlined, CaretRightOutlined } from "@ant-design/icons";
import { Button, Drawer, Input } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { useRecentEvents } from "../../api/hooks";
import type { LiveEvent } from "../../api/types";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { clockTime } from "../../lib/format";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Failure, Nothing } from "../../ui/States";
import { useLive } from "./useLive";

function matches(event: LiveEvent, wanted: string): boolean {
  if (!wanted) return true;
  const text = `${event.name ?? ""} ${event.kind} ${event.source ?? ""} ${event.customer_id ?? ""}`.toLowerCase();
  return text.includes(wanted.toLowerCase());
}

function Row({ event, open }: { event: LiveEvent; open: () => void }) {
  const { t, language, code } = useText();
  const { zone } = useWorkspace().workspace;
  const kind = t(`eventKind.${event.kind}`, { defaultValue: event.kind });
  const name =
    event.kind === "track" ? code("event", event.name) : event.name === event.kind ? kind : `${kind} · ${event.name}`;
  return (
    <li>
      <button type="button" className="live-item" onClick={open}>
        <span className="num faint">{clockTime(event.happened_at, language, zone)}</span>
        <span className="live-name">{name}</span>
        <span className="mono faint">{event.customer_id ?? t("live.nobody")}</span>
        <span>
          <Pill tone={event.source === "homing" ? "lamp" : "quiet"}>{code("source", event.source)}</Pill>
        </span>
      </button>
    </li>
  );
}

function Empty({ filtered }: { filtered: boolean }) {
  const { t } = useText();
  if (filtered) return <Nothing title={t("live.noMatch")} help={t("live.noMatchHelp")} />;
  return (
    <Nothing title={t("live.none")} help={t("live.noneHelp")} action={<Link to="/keys">{t("live.toKeys")}</Link>} />
  );
}

const TONES = { connecting: "quiet", open: "good", lost: "bad" } as const;

export default function Live() {
  const { t } = useText();
  const [paused, setPaused] = useState(false);
  const [wanted, setWanted] = useState("");
  const [chosen, setChosen] = useState<LiveEvent | null>(null);
  const live = useLive(paused);
  const recent = useRecentEvents(undefined, true);
  const seen = new Set(live.events.map((event) => event.event_id));
  const all = [...live.events, ...(recent.data?.items.filter((event) => !seen.has(event.event_id)) ?? [])];
  const shown = all.filter((event) => matches(event, wanted)).slice(0, 300);
  return (
    <Page
      title={t("live.title")}
      lead={t("live.lead")}
      tags={<Pill tone={TONES[live.state]}>{t(`live.${live.state}`)}</Pill>}
      action={
        <Button
          icon={paused ? <CaretRightOutlined aria-hidden /> : <PauseOutlined aria-hidden />}
          aria-pressed={paused}
          onClick={() => setPaused(!paused)}
        >
          {paused ? t("live.resume", { count: live.waiting }) : t("live.pause")}
        </Button>
      }
    >
      <div className="filters">
        <Input
          allowClear
          style={{ width: 340 }}
          placeholder={t("live.filter")}
          aria-label={t("live.filter")}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <Link to="/rejected">{t("live.toRejected")}</Link>
        {live.skipped > 0 && <span className="faint">{t("live.skipped", { count: live.skipped })}</span>}
      </div>
      {recent.error && <Failure error={recent.error} retry={() => void recent.refetch()} />}
      <Section>
        {shown.length === 0 ? (
          <Empty filtered={wanted !== ""} />
        ) : (
          <ul className="live-list">
            {shown.map((event) => (
              <Row key={event.event_id} event={event} open={() => setChosen(event)} />
            ))}
          </ul>
        )}
      </Section>
      <Drawer
        open={chosen !== null}
        onClose={() => setChosen(null)}
        size={560}
        title={chosen?.name ?? chosen?.kind ?? ""}
      >
        {chosen?.customer_id && (
          <p>
            <Link to={`/customers/${encodeURIComponent(chosen.customer_id)}`}>{t("live.toCustomer")}</Link>
          </p>
        )}
        <pre className="block" style={{ maxHeight: "none" }}>
          {JSON.stringify(chosen, null, 2)}
        </pre>
      </Drawer>
    </Page>
  );
}
