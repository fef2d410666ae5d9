/** The workspace every page stands in: its zone, its currency and its clock, which in a demo is not the wall's. */

import { createContext, useContext, useEffect, useMemo, useState } from "react";

import type { Session, User, Workspace } from "../api/types";

interface Place {
  workspace: Workspace;
  user: User;
}

const Context = createContext<Place | null>(null);

export function WorkspaceProvider(props: { session: Session; children: React.ReactNode }) {
  const { workspace, user } = props.session;
  const place = useMemo(() => (workspace && user ? { workspace, user } : null), [workspace, user]);
  return place && <Context value={place}>{props.children}</Context>;
}

export function useWorkspace(): Place {
  const place = useContext(Context);
  if (!place) throw new Error("a page was drawn outside the workspace");
  return place;
}

/** The workspace's "now" in milliseconds, moved on between two answers of the server at the clock's own speed. */
export function useNow(): number {
  const { clock } = useWorkspace().workspace;
  const [elapsed, setElapsed] = useState(0);
  useEffect(() => {
    const began = Date.now();
    const timer = setInterval(() => setElapsed(Date.now() - began), 1_000);
    return () => {
      clearInterval(timer);
      setElapsed(0);
    };
  }, [clock.now]);
  const speed = clock.kind === "system" ? 1 : clock.kind === "scaled" ? (clock.speed ?? 1) : 0;
  return Date.parse(clock.now) + elapsed * speed;
}
