/** Records without a shared key: runs that propose pairs, pairs that wait, answers; households and accounts. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api } from "./client";
import type { components } from "./schema";
import type * as T from "./types";

type Schemas = components["schemas"];

export type LinkRun = Schemas["LinkRunOut"];
export type LinkPair = Schemas["LinkPairOut"];
export type LinkStatus = LinkPair["status"];
export type LinkAnswer = Schemas["LinkAnswerIn"]["answer"];
export type LinkAnswered = Schemas["LinkAnswerOut"];
export type Group = Schemas["GroupOut"];

export function useLinkRuns() {
  return useQuery({
    queryKey: ["link-runs"],
    queryFn: () => api.get<T.List<LinkRun>>("/linkage/runs", { limit: 1 }),
    refetchInterval: (query) => (query.state.data?.items[0]?.status === "running" ? 700 : 15_000),
  });
}

/** Ids of the sources that can be compared; files and keys have one, too. */
export function useLinkSources() {
  return useQuery({
    queryKey: ["link-sources"],
    queryFn: () => api.get<Schemas["LinkSourcesOut"]>("/linkage/sources"),
  });
}

export function useLinkPairs(status: string, cursor: string | undefined) {
  return useQuery({
    queryKey: ["link-pairs", status, cursor],
    queryFn: ({ signal }) => api.get<T.List<LinkPair>>("/linkage/pairs", { status, cursor, limit: 20 }, signal),
    placeholderData: keepPreviousData,
  });
}

export const startLinkRun = (sources: string[], dry_run: boolean) =>
  api.post<LinkRun>("/linkage/runs", { sources, dry_run });

export const answerPairs = (pairs: string[], answer: LinkAnswer) =>
  api.post<LinkAnswered>("/linkage/answers", { pairs, answer });

export function useCustomerGroups(id: string) {
  return useQuery({
    queryKey: ["groups", id],
    queryFn: () => api.get<Schemas["CustomerGroupsOut"]>(`/customers/${encodeURIComponent(id)}/groups`),
  });
}
