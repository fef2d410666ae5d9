/** What are the things called that other things only name by their id? From lists which are small and cached. */

import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import { useText } from "../i18n";
import { api } from "./client";
import { useCampaigns, useDefinitions, useJourneys, useSegments } from "./hooks";
import { useLifecycles, useTags } from "./marks";
import type { Bi } from "./types";

interface Named {
  id: string;
  name: Bi | null;
}

type Kind = "segment" | "journey" | "campaign" | "content" | "tag" | "lifecycle";
export type Names = (kind: Kind, id: string) => string;
export type Name = (id: string | null | undefined) => string;

const read = (name: Bi | null | undefined, language: "en" | "zh"): string => (name ? name[language] || name.en : "");

/** A function from kind and id to the name in the reader's language, or the id where there is none. */
export function useNames(): Names {
  const { language } = useText();
  const segment: Named[] | undefined = useSegments().data?.items;
  const journey: Named[] | undefined = useJourneys().data?.items;
  const campaign: Named[] | undefined = useCampaigns().data?.items;
  const content: Named[] | undefined = useDefinitions<Named>("content").data?.items;
  const tag: Named[] | undefined = useTags().data?.items;
  const lifecycle: Named[] | undefined = useLifecycles().data?.items;
  return useCallback(
    (kind, id) => {
      const lists = { segment, journey, campaign, content, tag, lifecycle };
      return read(lists[kind]?.find((one) => one.id === id)?.name, language) || id;
    },
    [segment, journey, campaign, content, tag, lifecycle, language],
  );
}

function useIds() {
  return useQuery({
    queryKey: ["names"],
    queryFn: () => api.get<{ sources: Named[]; people: Named[] }>("/names"),
    staleTime: 60_000,
  }).data;
}

/** A function from a source's id, as events carry it, to what it is called. */
export function useSourceName(): Name {
  const { t, language } = useText();
  const sources = useIds()?.sources;
  return useCallback(
    (id) => {
      if (!id) return "–";
      return read(sources?.find((one) => one.id === id)?.name, language) || t(`source.${id}`, { defaultValue: id });
    },
    [sources, language, t],
  );
}

/** The sources there are, to choose one from: by name, what carries no name by its id. */
export function useSourceChoices(): { value: string; label: string }[] {
  const sources = useIds()?.sources ?? [];
  const name = useSourceName();
  return sources.map((one) => ({ value: one.id, label: name(one.id) }));
}

/** A function from whoever made, settled or approved something to their name; a source or Homing itself may have, too. */
export function useMaker(): Name {
  const { t, language } = useText();
  const people = useIds()?.people;
  const sourceName = useSourceName();
  return (id) => {
    if (id === "local" || id === "setup") return t(`maker.${id}`);
    return read(people?.find((one) => one.id === id)?.name, language) || sourceName(id);
  };
}
