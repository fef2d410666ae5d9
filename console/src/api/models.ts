/** Models of customers, what segments share and how they came about: their questions and their cards. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { api } from "./client";
import type { components } from "./schema";
import type * as T from "./types";

type Schemas = components["schemas"];

export type Kind = "lookalike" | "clustering" | "association" | "classification";
export type Job = Schemas["JobOut"];
export type Overlap = Schemas["SegmentOverlapOut"];
export type Comparison = Schemas["SegmentComparisonOut"];
export type Apart = Schemas["ApartOut"];
export type SegmentHistory = Schemas["SegmentHistoryOut"];
export type ModelRow = Schemas["ModelOut"];
export type Model<C> = Omit<Schemas["ModelWholeOut"], "card"> & { card: C | null };

export interface Figure {
  estimate: number;
  low: number;
  high: number;
  n: number;
}

export interface Feature {
  feature: string;
  label: T.Bi;
  weight: number | null;
}

interface Window {
  from: string;
  to: string;
  lookback_days: number;
}

export interface Reach {
  reach: number;
  size: number;
  recall: Figure;
  lift: Figure;
  precision: Figure;
}

export interface LookalikeCard {
  model: string;
  data: Window & { customers: number; seeds: number; candidates: number };
  check: { folds: number; models: Record<string, { auc: Figure }> };
  curve: Reach[];
  features: Feature[];
  left_out: string[];
}

export interface Cluster {
  id: string;
  name: T.Bi;
  size: number;
  share: number;
  apart: Apart[];
}

export interface ClusterCard {
  k: number;
  chosen: boolean;
  steady: boolean;
  data: Window & { customers: number; features: number; components: number; explained: number };
  tried: { k: number; silhouette: number | null; jaccard: number; rand: number }[];
  clusters: Cluster[];
  drift: {
    stayed: number;
    stability_index: number;
    gone: string[];
    new: string[];
    sizes: { id: string; then: number; now: number }[];
  } | null;
}

export interface Rule {
  left: { id: string; name: string }[];
  right: { id: string; name: string };
  together: number;
  support: number;
  confidence: Figure;
  lift: Figure;
  q: number;
  redundant: boolean;
}

export interface RulesCard {
  item: string;
  basket: string;
  data: Window & { baskets: number; lines: number; things: number };
  tested: number;
  significant: number;
  level: number;
  rules: Rule[];
}

interface Sample {
  features_at: string;
  label_at: string;
  n: number;
  positives: number;
}

export interface ClassificationCard {
  model: string;
  split: "time" | "customers";
  data: Window & { features: number; train: Sample; test: Sample };
  metrics: {
    auc: Figure;
    base_rate: Figure;
    average_precision: Figure;
    brier: Figure;
    brier_of_base_rate: number;
    tops: { share: number; precision: Figure; lift: Figure; recall: Figure }[];
  };
  calibration: { told: number; was: Figure }[];
  features: (Feature & { importance: number; low: number; high: number })[];
  left_out: string[];
}

const place = (kind: Kind, id: string) => `/models/${kind}/${encodeURIComponent(id)}`;

export function useModels(kind: Kind) {
  return useQuery({
    queryKey: ["models", kind],
    queryFn: () => api.get<T.List<ModelRow>>(`/models/${kind}`),
    refetchInterval: (query) => (query.state.data?.items.some((one) => one.job) ? 1_500 : false),
  });
}

export function useModel<C>(kind: Kind, id: string) {
  return useQuery({
    queryKey: ["model", kind, id],
    queryFn: () => api.get<Model<C>>(place(kind, id)),
  });
}

/** A job under way, asked often; when it has ended what it changed is asked again. */
export function useJob(id: string | null) {
  const client = useQueryClient();
  const job = useQuery({
    queryKey: ["job", id],
    enabled: id !== null,
    queryFn: () => api.get<Job>(`/jobs/${encodeURIComponent(id ?? "")}`),
    refetchInterval: (query) => (query.state.data && ended(query.state.data) ? false : 400),
  });
  const over = job.data !== undefined && ended(job.data);
  useEffect(() => {
    if (over)
      for (const key of ["model", "models", "segments", "segment"]) void client.invalidateQueries({ queryKey: [key] });
  }, [over, client]);
  return job;
}

export const ended = (job: Job) => job.status === "done" || job.status === "failed";

export const saveModel = (kind: Kind, id: string, document: object) => api.put(place(kind, id), document);
export const deleteModel = (kind: Kind, id: string) => api.delete<unknown>(place(kind, id));
export const trainModel = (kind: Kind, id: string) => api.post<Job>(`${place(kind, id)}/train`, {});
export const writeScores = (kind: Kind, id: string, body: object) => api.post<Job>(`${place(kind, id)}/use`, body);

export function useOverlap(ids: string[]) {
  return useQuery({
    queryKey: ["overlap", ids],
    enabled: ids.length >= 2,
    queryFn: () => api.get<Overlap>("/segments/overlap", { ids }),
  });
}

export function useComparison(id: string, enabled: boolean) {
  return useQuery({
    queryKey: ["comparison", id],
    enabled,
    queryFn: () => api.get<Comparison>(`/segments/${encodeURIComponent(id)}/compare`),
    retry: false,
  });
}

export function useSegmentHistory(id: string, days: number) {
  return useQuery({
    queryKey: ["segment-history", id, days],
    queryFn: () => api.get<SegmentHistory>(`/segments/${encodeURIComponent(id)}/history`, { days }),
  });
}
