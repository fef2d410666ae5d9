/** What comes in, as it comes in. While paused it is kept and counted, not dropped, up to a bound. */

import { useEffect, useRef, useState } from "react";

import { address } from "../../../api/client";
import type { LiveEvent, Rejected } from "../../../api/types";
import { useText } from "../../../i18n";
import { type Arrival, ofEvent, ofRejected, type Wanted } from "./arrival";

const KEPT = 300;

export interface Live {
  arrivals: Arrival[];
  waiting: number;
  /** Events that passed too quickly to be shown. */
  skipped: number;
  state: "connecting" | "open" | "lost";
}

const BEGINNING: Live = { arrivals: [], waiting: 0, skipped: 0, state: "connecting" };

export function useLive(paused: boolean, wanted: Wanted): Live {
  const { language } = useText();
  const [live, setLive] = useState<Live>(BEGINNING);
  const buffer = useRef<Arrival[]>([]);
  const isPaused = useRef(paused);
  useEffect(() => {
    isPaused.current = paused;
  }, [paused]);
  const url = address("/events/live", { ...wanted, language });
  useEffect(() => {
    const source = new EventSource(url);
    const keep = (arrival: Arrival) => {
      buffer.current = [arrival, ...buffer.current].slice(0, KEPT);
    };
    source.onmessage = (message: MessageEvent<string>) => keep(ofEvent(JSON.parse(message.data) as LiveEvent));
    source.addEventListener("rejected", (message: MessageEvent<string>) =>
      keep(ofRejected(JSON.parse(message.data) as Rejected)),
    );
    source.addEventListener("skipped", (message: MessageEvent<string>) => {
      const { n } = JSON.parse(message.data) as { n: number };
      setLive((before) => ({ ...before, skipped: before.skipped + n }));
    });
    source.onopen = () => setLive((before) => ({ ...before, state: "open" }));
    source.onerror = () => setLive((before) => ({ ...before, state: "lost" }));
    // Drawing each event by itself would stop the page under load: four times a second is enough to read.
    const timer = setInterval(() => {
      if (buffer.current.length === 0) return;
      if (isPaused.current) {
        setLive((before) =>
          before.waiting === buffer.current.length ? before : { ...before, waiting: buffer.current.length },
        );
        return;
      }
      const fresh = buffer.current;
      buffer.current = [];
      setLive((before) => ({
        ...before,
        state: "open",
        waiting: 0,
        arrivals: [...fresh, ...before.arrivals].slice(0, KEPT),
      }));
    }, 250);
    return () => {
      clearInterval(timer);
      source.close();
      setLive((before) => ({ ...before, state: "connecting" }));
    };
  }, [url]);
  return live;
}
