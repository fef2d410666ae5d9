/** What are the things called that other things only name by their id? From the lists, which are small and cached. */

import { useText } from "../i18n";
import { useCampaigns, useDefinitions, useJourneys, useSegments } from "./hooks";
import type { Bi } from "./types";

interface Named {
  id: string;
  name: Bi | null;
}

export type Names = (kind: "segment" | "journey" | "campaign" | "content", id: string) => string;

/** A function from kind and id to the name in the reader's language, or the id where there is none. */
export function useNames(): Names {
  const { bi } = useText();
  const lists: Record<Parameters<Names>[0], Named[] | undefined> = {
    segment: useSegments().data?.items,
    journey: useJourneys().data?.items,
    campaign: useCampaigns().data?.items,
    content: useDefinitions<Named>("content").data?.items,
  };
  return (kind, id) => bi(lists[kind]?.find((one) => one.id === id)?.name) || id;
}
