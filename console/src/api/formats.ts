/** Which formats can a file be in that is no table? Each with the form of its settings. */

import { useQuery } from "@tanstack/react-query";

import { api } from "./client";
import type { components } from "./schema";

export type Format = components["schemas"]["FormatOut"];

export function useFormats() {
  return useQuery({
    queryKey: ["formats"],
    queryFn: () => api.get<{ items: Format[] }>("/formats"),
    staleTime: Infinity,
  });
}
