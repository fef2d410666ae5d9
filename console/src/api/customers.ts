/** What a customer's page and the list ask for: the view as of an instant, where she stands, her timeline, counts. */

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { api } from "./client";
import type { CustomerFilter } from "./hooks";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type View = Schemas["ViewOut"];
export type Fact = Schemas["FactOut"];
export type Said = Schemas["SaidTraitOut"];
export type Counted = Schemas["CountedOut"];
export type Interest = Schemas["InterestOut"];
export type Standing = Schemas["StandingOut"];
export type Relations = Schemas["RelationsOut"];
export type TimelinePage = Schemas["TimelinePage"];
export type Outline = Schemas["OutlineOut"];

const EVERY = 15_000;
const one = (id: string) => `/customers/${encodeURIComponent(id)}`;

/** Everything as of an instant: an ISO date or time, or now. */
export function useView(id: string, at: string | undefined) {
  return useQuery({
    queryKey: ["view", id, at],
    queryFn: ({ signal }) => api.get<View>(`${one(id)}/view`, { at }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: at ? false : EVERY,
  });
}

export function useStanding(id: string, at: string | undefined) {
  return useQuery({
    queryKey: ["standing", id, at],
    queryFn: ({ signal }) => api.get<Standing>(`${one(id)}/standing`, { at }, signal),
    placeholderData: keepPreviousData,
  });
}

export function useRelations(id: string, at: string | undefined) {
  return useQuery({
    queryKey: ["relations", id, at],
    queryFn: ({ signal }) => api.get<Relations>(`${one(id)}/relations`, { at }, signal),
    placeholderData: keepPreviousData,
  });
}

export interface TimelineFilter {
  kind?: string;
  name?: readonly string[];
  source?: readonly string[];
  begin?: string;
  end?: string;
  q?: string;
}

export const PAGE = 100;
/** Pages held at once: a list of a hundred thousand events never has more rows than this. */
export const KEPT = 8;
type Param = { start?: string; before?: string; after?: string };

/** Pages of a timeline from a place on, in both directions. */
export function useTimelinePages(id: string, filter: TimelineFilter, start: string | undefined) {
  return useInfiniteQuery({
    queryKey: ["timeline", id, filter, start],
    maxPages: KEPT,
    initialPageParam: start ? { start } : {},
    queryFn: ({ pageParam, signal }) =>
      api.get<TimelinePage>(`${one(id)}/timeline`, { ...filter, ...pageParam, limit: PAGE }, signal),
    getNextPageParam: (last): Param | undefined => (last.next ? { before: last.next } : undefined),
    getPreviousPageParam: (first): Param | undefined => (first.newer ? { after: first.newer } : undefined),
  });
}

export function useOutline(id: string, filter: TimelineFilter) {
  return useQuery({
    queryKey: ["outline", id, filter],
    queryFn: ({ signal }) => api.get<Outline>(`${one(id)}/timeline/outline`, { ...filter }, signal),
    placeholderData: keepPreviousData,
  });
}

/** The exact number behind a list that could only estimate it. */
export function useExactCount(filter: CustomerFilter, enabled: boolean) {
  const { q, segment, stage, tag } = filter;
  return useQuery({
    queryKey: ["customers-count", q, segment, stage, tag],
    enabled,
    queryFn: ({ signal }) =>
      api.get<Schemas["CustomerCountOut"]>("/customers/count", { q, segment, stage, tag }, signal),
    staleTime: 30_000,
  });
}
