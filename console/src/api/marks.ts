/** Tags and lifecycles: what is said of customers beside their traits. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api } from "./client";
import type { components } from "./schema";
import type { Condition } from "./documents";
import type { Bi, CustomerRow, List } from "./types";

type Schemas = components["schemas"];
export type TagRow = Schemas["TagRowOut"];
export type Tag = Schemas["TagOut"];
export type TagDay = Schemas["TagDayOut"];
export type Handed = Schemas["HandOut"];
export type Batch = Schemas["BatchOut"];
export type Holder = Schemas["HolderOut"];
export type CustomerTag = Schemas["CustomerTagOut"];
export type CustomerMarks = Schemas["CustomerMarksOut"];
export type WhyPart = Schemas["WhyPartOut"];
export type Why = Omit<Schemas["WhyOut"], "history" | "score"> & {
  history: { event_id: string; name: string; at: string; by?: string; because?: string; value?: string }[];
  score: { trait: string; value: unknown; source: string | null; as_of: string | null } | null;
};
export type Lifecycle = Schemas["LifecycleOut"];
export type Flow = Schemas["FlowOut"];
export type Moved = Schemas["MovedOut"];

export type How = TagRow["how"];
export type ValueType = "text" | "number" | "bool";
export interface TagDocument {
  kind: "tag";
  id: string;
  name: Bi;
  how: How;
  description?: Bi;
  category?: string;
  owner?: string;
  value?: { type: ValueType; options?: string[] };
  expires?: { after?: string; on?: string };
  condition?: Condition;
  cases?: { value: unknown; condition: Condition }[];
  model?: { trait: string; cases: { value?: unknown; at_least?: number; below?: number }[] };
}

const EVERY = 15_000;
const one = (id: string) => `/tags/${encodeURIComponent(id)}`;
const model = (id: string) => `/lifecycles/${encodeURIComponent(id)}`;

export const useTags = () =>
  useQuery({ queryKey: ["tags"], queryFn: () => api.get<List<TagRow>>("/tags"), refetchInterval: EVERY });

export const useTag = (id: string | null) =>
  useQuery({
    queryKey: ["tag", id],
    enabled: id !== null,
    queryFn: () => api.get<Tag>(one(id ?? "")),
    refetchInterval: EVERY,
  });

export const useTagTrend = (id: string, days: number) =>
  useQuery({
    queryKey: ["tag", id, "trend", days],
    queryFn: () => api.get<{ days: TagDay[]; as_of: string }>(`${one(id)}/trend`, { days }),
    refetchInterval: EVERY,
  });

export const useHolders = (id: string, cursor: string | undefined) =>
  useQuery({
    queryKey: ["tag", id, "customers", cursor],
    queryFn: () => api.get<List<Holder>>(`${one(id)}/customers`, { cursor, limit: 20 }),
    placeholderData: keepPreviousData,
  });

export const useBatches = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: ["tag", id, "batches"],
    enabled,
    queryFn: () => api.get<List<Batch>>(`${one(id)}/batches`),
  });

export const saveTag = (document: TagDocument) => api.put<Tag>(one(document.id), document);
export const stepTag = (id: string, step: "propose" | "approve" | "reject", note: string) =>
  api.post<Tag>(`${one(id)}/${step}`, { note });
export const dropTag = (id: string) => api.delete(one(id));
export const handTag = (id: string, way: "give" | "take", body: Record<string, unknown>) =>
  api.post<Handed>(`${one(id)}/${way}`, body);
export const undoBatch = (batch: string) => api.post<Handed>(`/tags/batches/${encodeURIComponent(batch)}/undo`);

const of = (id: string) => `/customers/${encodeURIComponent(id)}`;
export const useMarks = (id: string) =>
  useQuery({
    queryKey: ["customer", id, "marks"],
    queryFn: () => api.get<CustomerMarks>(`${of(id)}/marks`),
    refetchInterval: EVERY,
  });

export const useWhy = (id: string, tag: string, enabled: boolean) =>
  useQuery({
    queryKey: ["customer", id, "why", tag],
    enabled,
    queryFn: () => api.get<Why>(`${of(id)}/tags/${encodeURIComponent(tag)}/why`),
  });

export const useLifecycles = () =>
  useQuery({
    queryKey: ["lifecycles"],
    queryFn: () => api.get<{ items: Lifecycle[]; as_of: string }>("/lifecycles"),
    refetchInterval: EVERY,
  });

export const useFlow = (id: string, from: string, to: string) =>
  useQuery({
    queryKey: ["flow", id, from, to],
    enabled: from <= to,
    queryFn: ({ signal }) => api.get<Flow>(`${model(id)}/flow`, { from, to }, signal),
    placeholderData: keepPreviousData,
  });

export const useMoved = (id: string, asked: Record<string, string | undefined>, enabled: boolean) =>
  useQuery({
    queryKey: ["flow", id, "customers", asked],
    enabled,
    queryFn: () => api.get<List<CustomerRow>>(`${model(id)}/flow/customers`, { ...asked, limit: 20 }),
    placeholderData: keepPreviousData,
  });

export const saveLifecycle = (document: Record<string, unknown>) =>
  api.put<Lifecycle>(model(String(document.id)), document);
export const dropLifecycle = (id: string) => api.delete(model(id));
