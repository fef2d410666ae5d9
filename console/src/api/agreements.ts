/** On what terms other parties' data may be used. */

import { useQuery } from "@tanstack/react-query";

import { api } from "./client";
import type { components } from "./schema";

export type Agreement = components["schemas"]["AgreementOut"];

export function useAgreements() {
  return useQuery({
    queryKey: ["agreements"],
    queryFn: () => api.get<{ items: Agreement[]; as_of: string }>("/agreements"),
    refetchInterval: 30_000,
  });
}

/** Save an agreement; it is in force at once. */
export function saveAgreement(document: Record<string, unknown>): Promise<unknown> {
  return api.post("/apply", { documents: [document] });
}
