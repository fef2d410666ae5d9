/** Traits: their definitions, what they come to, the sets that ship, one that is being written. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api } from "./client";
import type { Where } from "./documents";
import type { components } from "./schema";
import type { Bi, List } from "./types";

type Schemas = components["schemas"];
export type TraitRow = Schemas["TraitOut"];
export type TraitPreview = Schemas["TraitPreviewOut"];
export type TraitPreset = Schemas["TraitPresetOut"];

export interface Signal {
  event: string;
  key: string;
  weight?: number;
  where?: Where[];
}

/** What a trait measures; which of these there are goes with `type`. */
export interface TraitSpec {
  type: "aggregate" | "formula" | "decayed" | "said" | "score" | "percentile" | "elasticity";
  measure?: string;
  event?: string;
  property?: string;
  where?: Where[];
  part?: Where[];
  within?: string | null;
  n?: number;
  value?: string;
  formula?: string;
  half_life?: string;
  signals?: Signal[];
  show?: string;
  key?: string;
  trait?: string;
  wins?: string;
  sources?: string[];
  model?: string;
  version?: string;
  min_lines?: number;
}

export interface TraitDocument {
  kind: "trait";
  id: string;
  name: Bi;
  description?: Bi;
  group?: string;
  unit?: Bi;
  owner?: string;
  sensitivity?: string;
  of: TraitSpec;
}

export const GROUPS = ["demographics", "behaviour", "needs", "value", "social", "satisfaction"] as const;
const EVERY = 15_000;
const SOON = 4_000;
const one = (id: string) => `/traits/${encodeURIComponent(id)}`;

/** In force, but its customers are still being counted. */
export const isCounting = (row: TraitRow) => row.status === "live" && row.coverage === null;

export const useTraits = () =>
  useQuery({
    queryKey: ["traits"],
    queryFn: () => api.get<List<TraitRow>>("/traits"),
    refetchInterval: ({ state }) => (state.data?.items.some(isCounting) ? SOON : EVERY),
  });

export const useTrait = (id: string | null) =>
  useQuery({
    queryKey: ["trait", id],
    enabled: id !== null,
    queryFn: () => api.get<TraitRow>(one(id ?? "")),
    refetchInterval: ({ state }) => (state.data && isCounting(state.data) ? SOON : false),
  });

export const usePresets = (enabled: boolean) =>
  useQuery({ queryKey: ["trait-presets"], enabled, queryFn: () => api.get<List<TraitPreset>>("/traits/presets") });

/** What a definition comes to now; asked again when it stood still for a moment. */
export const useTraitPreview = (document: TraitDocument | null) =>
  useQuery({
    queryKey: ["trait-preview", document],
    enabled: document !== null,
    queryFn: ({ signal }) => api.post<TraitPreview>("/traits/preview", { document }, {}, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });

export const saveTrait = (document: TraitDocument) => api.put<TraitRow>(one(document.id), document);
export const deleteTrait = (id: string) => api.delete<void>(one(id));
export const takePreset = (id: string) => api.post<List<TraitRow>>(`/traits/presets/${encodeURIComponent(id)}`, {});

/** A customer's defined traits by group, now or as they were known at an instant. */
export const useCustomerTraits = (id: string, asOf: string | null) =>
  useQuery({
    queryKey: ["customer-traits", id, asOf],
    queryFn: () =>
      api.get<Schemas["CustomerTraitsOut"]>(`/customers/${encodeURIComponent(id)}/traits`, {
        as_of: asOf ?? undefined,
      }),
    placeholderData: keepPreviousData,
  });
