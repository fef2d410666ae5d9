/** Where data comes from: connectors and their forms, sources and their runs, and what a person does about them. */

import { useQuery } from "@tanstack/react-query";

import { api } from "./client";
import type { components } from "./schema";
import type * as T from "./types";

type Schemas = components["schemas"];

export type Connector = Schemas["ConnectorOut"];
export type Connectors = Schemas["ConnectorsOut"];
export type SourceRow = Schemas["SourceRowOut"];
export type Source = Schemas["SourceOut"];
export type SourceRun = Schemas["RunOut"];
export type Peek = Schemas["PeekOut"];

/** A document of kind source, as far as the console edits it. */
export interface SourceDocument {
  kind: "source";
  id: string;
  name: Partial<T.Bi>;
  connector: string;
  settings: Record<string, unknown>;
  as?: string;
  map?: Record<string, string>;
  schedule?: { every?: string; at?: string };
  [other: string]: unknown;
}

export interface SourceAsked {
  document: SourceDocument;
  secrets: Record<string, string>;
}

const at = (id: string, rest = "") => `/sources/${encodeURIComponent(id)}${rest}`;

export function useConnectors() {
  return useQuery({
    queryKey: ["connectors"],
    queryFn: () => api.get<Connectors>("/connectors"),
    staleTime: Infinity,
  });
}

export function useSources() {
  return useQuery({
    queryKey: ["sources"],
    queryFn: () => api.get<{ items: SourceRow[] }>("/sources"),
    refetchInterval: 4_000,
  });
}

export function useSource(id: string) {
  return useQuery({ queryKey: ["sources", id], queryFn: () => api.get<Source>(at(id)), refetchInterval: 2_000 });
}

export function useSourceRuns(id: string) {
  return useQuery({
    queryKey: ["sources", id, "runs"],
    queryFn: () => api.get<T.List<SourceRun>>(at(id, "/runs"), { limit: 50 }),
    refetchInterval: 4_000,
  });
}

export const saveSource = (asked: SourceAsked) => api.post<Source>("/sources", asked);
export const checkSource = (asked: SourceAsked) => api.post<{ ok: boolean }>("/sources/check", asked);
export const peekSource = (asked: SourceAsked) => api.post<Peek>("/sources/preview", { ...asked, rows: 20 });
export const runSource = (id: string, how: { backfill?: boolean; after?: string }) =>
  api.post<Source>(at(id, "/run"), how);
export const actOnSource = (id: string, act: "pause" | "resume" | "cancel") => api.post<unknown>(at(id, `/${act}`));
export const deleteSource = (id: string) => api.delete<unknown>(at(id));
