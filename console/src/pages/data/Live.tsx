/** The live debugger: what comes in as it comes in, taken or refused; filter it, follow one customer, see one whole. */

import "./live/live.css";

import { CaretRightOutlined, PauseOutlined } from "@ant-design/icons";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { useRecentEvents } from "../../api/hooks";
import { useRejectedRows } from "../../api/quality";
import { useText } from "../../i18n";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Failure, Nothing } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import { useDebounced } from "../../ui/useDebounced";
import { type Arrival, ofEvent, ofRejected, type Verdict, type Wanted, wants } from "./live/arrival";
import { ArrivalRow, TONES } from "./live/ArrivalRow";
import { Detail } from "./live/Detail";
import { Filters } from "./live/Filters";
import { useLive } from "./live/useLive";
import { useWords } from "./live/words";

const SHOWN = 300;
const STATES = { connecting: "quiet", open: "good", lost: "bad" } as const;

function Empty({ filtered }: { filtered: boolean }) {
  const { t } = useText();
  if (filtered) return <Nothing title={t("live.noMatch")} help={t("live.noMatchHelp")} />;
  return (
    <Nothing title={t("live.none")} help={t("live.noneHelp")} action={<Link to="/keys">{t("live.toKeys")}</Link>} />
  );
}

/** What came before the page was opened and what comes now, newest first, each once. */
function useArrivals(paused: boolean, wanted: Wanted) {
  const live = useLive(paused, wanted);
  const events = useRecentEvents(undefined, true);
  const refused = useRejectedRows({ status: "open" });
  const seen = new Set(live.arrivals.map((arrival) => arrival.key));
  const before = [...(events.data?.items ?? []).map(ofEvent), ...(refused.data?.items ?? []).map(ofRejected)]
    .filter((arrival) => !seen.has(arrival.key))
    .sort((a, b) => b.at.localeCompare(a.at));
  return { live, all: [...live.arrivals, ...before], failed: events };
}

export default function Live() {
  const { t } = useText();
  const { get, set } = useAddress();
  const words = useWords();
  const [paused, setPaused] = useState(false);
  const [chosen, setChosen] = useState<Arrival | null>(null);
  const wanted: Wanted = {
    source: get("source"),
    name: useDebounced(get("name"), 300),
    id: useDebounced(get("id"), 300),
    verdict: get("verdict") as Verdict | undefined,
  };
  const { live, all, failed } = useArrivals(paused, wanted);
  const typed: Wanted = { ...wanted, name: get("name"), id: get("id") };
  const shown = all.filter((arrival) => wants(typed, arrival)).slice(0, SHOWN);
  const sources = all.map((arrival) => (arrival.verdict === "rejected" ? arrival.item.source : arrival.event.source));
  const follow = (id: string) => {
    setChosen(null);
    set({ id, name: undefined, source: undefined, verdict: undefined });
  };
  return (
    <Page
      title={t("live.title")}
      lead={t("live.lead")}
      tags={<Pill tone={STATES[live.state]}>{t(`live.${live.state}`)}</Pill>}
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
        <Filters
          wanted={typed}
          sources={[...new Set([...sources, ...(wanted.source ? [wanted.source] : [])])].filter(Boolean).sort()}
          set={(changes) => set(changes, true)}
        />
        {live.skipped > 0 && <span className="faint">{t("live.skipped", { count: live.skipped })}</span>}
      </div>
      {failed.error && <Failure error={failed.error} retry={() => void failed.refetch()} />}
      <Section>
        {shown.length === 0 ? (
          <Empty filtered={Object.values(typed).some(Boolean)} />
        ) : (
          <ul className="live-list">
            {shown.map((arrival) => (
              <ArrivalRow key={arrival.key} arrival={arrival} open={() => setChosen(arrival)} />
            ))}
          </ul>
        )}
      </Section>
      <Drawer
        open={chosen !== null}
        onClose={() => setChosen(null)}
        size={640}
        title={chosen && words(chosen).name}
        extra={chosen && <Pill tone={TONES[chosen.verdict]}>{t(`verdict.${chosen.verdict}`)}</Pill>}
      >
        {chosen && <Detail arrival={chosen} follow={follow} />}
      </Drawer>
    </Page>
  );
}
