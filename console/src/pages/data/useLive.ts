/** Events as they are written. While paused they are kept and counted, not dropped, up to a bound. */

import { useEffect, useRef, useState } from "react";

import type { LiveEvent } from "../../api/types";

const KEPT = 300;

export interface Live {
  events: LiveEvent[];
  waiting: number;
  /** Events that passed too quickly to be shown. */
  skipped: number;
  state: "connecting" | "open" | "lost";
}

export function useLive(paused: boolean): Live {
  const [live, setLive] = useState<Live>({ events: [], waiting: 0, skipped: 0, state: "connecting" });
  const buffer = useRef<LiveEvent[]>([]);
  const isPaused = useRef(paused);
  useEffect(() => {
    isPaused.current = paused;
  }, [paused]);
  useEffect(() => {
    const source = new EventSource("/api/events/live");
    const take = (message: MessageEvent<string>) => {
      buffer.current = [JSON.parse(message.data) as LiveEvent, ...buffer.current].slice(0, KEPT);
    };
    source.onmessage = take;
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
        events: [...fresh, ...before.events].slice(0, KEPT),
      }));
    }, 250);
    return () => {
      clearInterval(timer);
      source.close();
    };
  }, []);
  return live;
}
