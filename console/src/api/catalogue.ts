/** The catalogue: its questions and what a person says to it. */

import { useQuery } from "@tanstack/react-query";

import { api } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type DatasetRow = Schemas["DatasetRow"];
export type Dataset = Schemas["DatasetOut"];
export type DataField = Schemas["DataFieldOut"];
export type DataUser = Schemas["DataUserOut"];
export type Said = Schemas["SaidIn"];
export type Level = DataField["sensitivity"];
export type Grade = DataField["grade"];

export const LEVELS: Level[] = ["public", "internal", "personal", "sensitive"];
export const CLASSES = ["structured", "social", "commercial-value"] as const;
export const GRADES: Grade[] = ["A", "B", "C", "D"];

export function useDatasets() {
  return useQuery({
    queryKey: ["datasets"],
    queryFn: () => api.get<Schemas["CatalogueListOut"]>("/catalogue/datasets"),
  });
}

export function useDataset(id: string) {
  return useQuery({
    queryKey: ["datasets", id],
    queryFn: () => api.get<Dataset>("/catalogue/dataset", { id }),
  });
}

export const scanData = () => api.post<Schemas["ScannedOut"]>("/catalogue/scan");

/** Say the same of several fields; a field "" is the dataset itself. */
export const sayOfData = (dataset: string, fields: readonly string[], said: (field: string) => Said) =>
  api.post<undefined>("/catalogue/entries", {
    items: fields.map((field) => ({ dataset, field, said: said(field) })),
  });
