/** Refused rows, the quality of sources and tracking plans: their questions and what a person does about them. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api } from "./client";
import type { components } from "./schema";
import type * as T from "./types";

type Schemas = components["schemas"];

export type RejectedGroup = Schemas["RejectedGroupOut"];
export type Selection = Pick<Schemas["SelectionIn"], "source" | "code" | "import_id"> & { ids?: string[] };
export type Change = Schemas["ChangeIn"];
export type Fixed = Schemas["FixOut"];
export type Replayed = Schemas["ReplayOut"];
export type Quality = Schemas["QualityOut"];
export type QualityDay = Schemas["QualityDayOut"];
export type SourceQuality = Schemas["SourceQualityOut"];
export type ViolationGroup = Schemas["ViolationGroupOut"];
export type Proposal = Schemas["ProposalOut"];
export type PlanRow = Schemas["DefinitionOut"];

export interface RejectedFilter {
  source?: string;
  code?: string;
  status?: string;
  import_id?: string;
  since?: string;
  cursor?: string;
}

export function useRejectedRows(filter: RejectedFilter) {
  return useQuery({
    queryKey: ["rejected", filter],
    queryFn: ({ signal }) => api.get<T.List<T.Rejected>>("/rejected", { ...filter }, signal),
    placeholderData: keepPreviousData,
  });
}

export function useRejectedGroups() {
  return useQuery({
    queryKey: ["rejected", "groups"],
    queryFn: () => api.get<Schemas["RejectedGroupsOut"]>("/rejected/groups"),
  });
}

export const fixRows = (select: Selection, change: Change, dryRun: boolean) =>
  api.post<Fixed>("/rejected/fix", { select, change, dry_run: dryRun });
export const editRow = (id: string, body: string) =>
  api.put<T.Rejected>(`/rejected/${encodeURIComponent(id)}`, { body });
export const replayRows = (select: Selection) => api.post<Replayed>("/rejected/replay", { select });
export const dropRows = (select: Selection) => api.post<Schemas["CountOut"]>("/rejected/drop", { select });
export const reopenRows = (ids: string[]) => api.post<Schemas["CountOut"]>("/rejected/reopen", { select: { ids } });

export function useQuality(days: number) {
  return useQuery({
    queryKey: ["quality", days],
    queryFn: ({ signal }) => api.get<Quality>("/quality", { days }, signal),
    placeholderData: keepPreviousData,
  });
}

export const judgeQuality = (days: number) => api.post<Schemas["JudgedOut"]>("/quality/judge", {}, { days });

export function usePlans() {
  return useQuery({
    queryKey: ["definitions", "plan"],
    queryFn: () => api.get<Schemas["DefinitionsOut"]>("/definitions/plan"),
  });
}

export function useViolations(days: number) {
  return useQuery({
    queryKey: ["violations", days],
    queryFn: () => api.get<Schemas["ViolationsOut"]>("/plans/violations", { days }),
  });
}

export const proposePlan = (days: number, source: string, id: string) =>
  api.get<Proposal>("/plans/propose", { days, source, id });
export const pausePlan = (id: string) => api.post<null>(`/plans/${encodeURIComponent(id)}/pause`);
export const resumePlan = (id: string) => api.post<null>(`/plans/${encodeURIComponent(id)}/resume`);
export const deletePlan = (id: string) => api.delete<null>(`/plans/${encodeURIComponent(id)}`);
export function useRules() {
  return useQuery({
    queryKey: ["definitions", "rules"],
    queryFn: () => api.get<Schemas["DefinitionsOut"]>("/definitions/rules"),
  });
}

export const saveRules = (document: unknown) =>
  api.post<Schemas["PlanOut"]>("/apply", { documents: [document], dry_run: false });
export const applyPlan = (document: unknown, dryRun: boolean) =>
  api.post<Schemas["PlanOut"]>("/apply", { documents: [document], dry_run: dryRun });
