/** Server state by name: one hook a question, so that pages never spell an address. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api, ApiError } from "./client";
import type * as T from "./types";

const EVERY = 15_000;

export function useSession() {
  return useQuery({
    queryKey: ["session"],
    queryFn: () => api.get<T.Session>("/session"),
    refetchInterval: (query) => (query.state.data?.workspace?.clock.kind === "virtual" ? 3_000 : 20_000),
    staleTime: 2_000,
  });
}

export function useOverview() {
  return useQuery({
    queryKey: ["overview"],
    queryFn: () => api.get<T.Overview>("/overview"),
    refetchInterval: 5_000,
  });
}

/** The demo's own report; a workspace that is no demo answers 404, which is `null` here and not an error. */
export function useDemo(enabled: boolean) {
  return useQuery({
    queryKey: ["demo"],
    enabled,
    refetchInterval: 3_000,
    queryFn: async () => {
      try {
        return await api.get<T.DemoState>("/demo");
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
}

export interface CustomerFilter {
  q?: string;
  segment?: string;
  stage?: string;
  tag?: string;
  sort?: string;
  cursor?: string;
  limit?: number;
}

export function useCustomers(filter: CustomerFilter) {
  return useQuery({
    queryKey: ["customers", filter],
    queryFn: ({ signal }) => api.get<T.CustomerList>("/customers", { ...filter }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: EVERY,
  });
}

const one = (id: string) => `/customers/${encodeURIComponent(id)}`;

export function useCustomer(id: string) {
  return useQuery({
    queryKey: ["customer", id],
    queryFn: () => api.get<T.Customer>(one(id)),
    refetchInterval: EVERY,
  });
}

export function useIdentity(id: string) {
  return useQuery({ queryKey: ["identity", id], queryFn: () => api.get<T.Identity>(`${one(id)}/identity`) });
}

export function useCustomerMessages(id: string) {
  return useQuery({
    queryKey: ["messages", id],
    queryFn: () => api.get<T.List<T.SendRow>>(`${one(id)}/messages`),
    refetchInterval: EVERY,
  });
}

export function useMessage(key: string | null) {
  return useQuery({
    queryKey: ["message", key],
    enabled: key !== null,
    queryFn: () => api.get<T.SentMessage>(`/messages/${encodeURIComponent(key ?? "")}`),
  });
}

export function useCatalogue() {
  return useQuery({
    queryKey: ["catalogue"],
    queryFn: () => api.get<T.Catalogue>("/catalogue"),
    staleTime: 60_000,
  });
}

export function useSegments() {
  return useQuery({
    queryKey: ["segments"],
    queryFn: () => api.get<T.List<T.Segment>>("/segments"),
    refetchInterval: EVERY,
  });
}

export function useSegment(id: string | null) {
  return useQuery({
    queryKey: ["segment", id],
    enabled: id !== null,
    queryFn: () => api.get<T.Segment>(`/segments/${encodeURIComponent(id ?? "")}`),
  });
}

/** How a condition would turn out: from a share of the customers at once, and exactly when it has been counted. */
export function usePreview(condition: T.Condition | null) {
  const ask = (sample: boolean) => ({
    queryKey: ["preview", sample, condition],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      api.post<T.SegmentPreview>("/segments/preview", { condition, sample }, undefined, signal),
    retry: false,
  });
  const first = useQuery({ ...ask(true), enabled: condition !== null, placeholderData: keepPreviousData });
  const answered = condition !== null && !first.isPlaceholderData && first.data?.exact === false;
  const exact = useQuery({ ...ask(false), enabled: answered });
  return {
    data: (answered ? exact.data : undefined) ?? first.data,
    stale: first.isPlaceholderData,
    counting: first.isFetching || exact.isFetching,
    error: first.error ?? exact.error,
    refetch: () => void (first.error ? first.refetch() : exact.refetch()),
  };
}

export function useJourneys() {
  return useQuery({
    queryKey: ["journeys"],
    queryFn: () => api.get<T.List<T.JourneyRow>>("/journeys"),
    refetchInterval: EVERY,
  });
}

export function useJourney(id: string) {
  return useQuery({
    queryKey: ["journey", id],
    queryFn: () => api.get<T.Journey>(`/journeys/${encodeURIComponent(id)}`),
    refetchInterval: 5_000,
  });
}

export function useCampaigns() {
  return useQuery({ queryKey: ["campaigns"], queryFn: () => api.get<T.List<T.CampaignDocument>>("/campaigns") });
}

export function useCampaign(id: string) {
  return useQuery({
    queryKey: ["campaign", id],
    queryFn: () => api.get<T.CampaignDocument>(`/campaigns/${encodeURIComponent(id)}`),
  });
}

export function useCampaignResult(id: string) {
  return useQuery({
    queryKey: ["campaign-result", id],
    queryFn: () => api.get<T.CampaignResult>(`/campaigns/${encodeURIComponent(id)}/result`),
    refetchInterval: EVERY,
  });
}

export function useDefinitions<D>(kind: string) {
  return useQuery({
    queryKey: ["definitions", kind],
    queryFn: () => api.get<T.List<D>>(`/definitions/${kind}`),
    staleTime: 60_000,
  });
}

export function useFunnel(steps: readonly string[], window: string) {
  return useQuery({
    queryKey: ["funnel", steps, window],
    enabled: steps.length >= 2,
    queryFn: ({ signal }) => api.get<T.Funnel>("/insights/funnel", { steps, window }, signal),
    placeholderData: keepPreviousData,
  });
}

export function useRfm() {
  return useQuery({ queryKey: ["rfm"], queryFn: () => api.get<T.Rfm>("/insights/rfm") });
}

export function useTrend(metric: string, days: number) {
  return useQuery({
    queryKey: ["trend", metric, days],
    queryFn: ({ signal }) => api.get<T.Trend>("/insights/trend", { metric, days }, signal),
    placeholderData: keepPreviousData,
  });
}

export function useRecentEvents(name: string | undefined, enabled: boolean) {
  return useQuery({
    queryKey: ["events", name],
    enabled,
    queryFn: () => api.get<T.List<T.LiveEvent>>("/events", { limit: 100, name }),
  });
}

export function useKeys() {
  return useQuery({ queryKey: ["keys"], queryFn: () => api.get<T.List<T.ApiKey>>("/keys") });
}

export const UNDER_WAY = ["waiting", "running"];

export function useImports() {
  return useQuery({
    queryKey: ["imports"],
    queryFn: () => api.get<T.List<T.ImportRun>>("/imports"),
    refetchInterval: (query) => (query.state.data?.items.some((run) => UNDER_WAY.includes(run.status)) ? 1_000 : EVERY),
  });
}

/** One import, asked often while it is under way. */
export function useImport(id: string) {
  return useQuery({
    queryKey: ["import", id],
    queryFn: () => api.get<T.ImportRun>(`/imports/${encodeURIComponent(id)}`),
    refetchInterval: (query) => (!query.state.data || UNDER_WAY.includes(query.state.data.status) ? 500 : false),
  });
}
