/** Who is whom: what is known, what would follow from a decision, what waits for one. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api } from "./client";
import type { components } from "./schema";
import type * as T from "./types";

type Schemas = components["schemas"];

export type Edge = Schemas["EdgeOut"];
export type HeldId = Schemas["HeldIdOut"];
export type WhatIf = Schemas["WhatIfOut"];
export type Side = Schemas["SideOut"];
export type Waiting = Schemas["WaitingOut"];
export type Blocked = Schemas["BlockedOut"];
export type Rules = Schemas["RulesOut"];
export type Answer = Schemas["AnswerConflictsIn"]["answer"];
export type Split = { merge?: string; identifiers?: T.IdRef[] };

const of = (id: string) => `/customers/${encodeURIComponent(id)}`;

export const previewMerge = (id: string, other: string) => api.post<WhatIf>(`${of(id)}/merge/preview`, { other });
export const mergeCustomers = (id: string, other: string, reason: string) =>
  api.post<Schemas["DoneOut"]>(`${of(id)}/merge`, { other, reason });
export const previewSplit = (id: string, split: Split) => api.post<WhatIf>(`${of(id)}/split/preview`, split);
export const splitCustomer = (id: string, split: Split, reason: string) =>
  api.post<Schemas["DoneOut"]>(`${of(id)}/split`, { ...split, reason });

export function useConflicts(status: string, cursor: string | undefined) {
  return useQuery({
    queryKey: ["conflicts", status, cursor],
    queryFn: ({ signal }) => api.get<T.List<Waiting>>("/identity/conflicts", { status, cursor }, signal),
    placeholderData: keepPreviousData,
  });
}

export const settleConflicts = (conflicts: string[], answer: Answer) =>
  api.post<Schemas["SettledOut"]>("/identity/conflicts/settle", { conflicts, answer });

export function useBlocked(lifted: boolean, cursor: string | undefined) {
  return useQuery({
    queryKey: ["blocked", lifted, cursor],
    queryFn: ({ signal }) => api.get<T.List<Blocked>>("/identity/blocked", { lifted, cursor }, signal),
    placeholderData: keepPreviousData,
  });
}

export const previewBlock = (id: T.IdRef, status: string) =>
  api.post<WhatIf>("/identity/blocked/preview", { ...id, status });
export const blockIdentifier = (id: T.IdRef, status: string, reason: string) =>
  api.post<Schemas["DoneOut"]>("/identity/blocked", { ...id, status, reason });
export const releaseIdentifier = (id: T.IdRef) => api.post<Schemas["DoneOut"]>("/identity/blocked/release", id);

export function useRules() {
  return useQuery({ queryKey: ["identity-rules"], queryFn: () => api.get<Rules>("/identity/rules") });
}
