/** A tracking plan as its editor holds it. */

export interface Property {
  type?: string;
  required?: boolean;
  values?: (string | number | boolean)[] | null;
  pattern?: string | null;
  min?: number | null;
  max?: number | null;
  description?: { en?: string; zh?: string };
}

export interface PlannedEvent {
  event?: string;
  type?: string;
  description?: { en?: string; zh?: string };
  properties?: Record<string, Property>;
  others?: "allow" | "report";
}

export interface PlanDocument {
  kind: "plan";
  id: string;
  name: { en?: string; zh?: string } | string;
  sources?: string[];
  mode?: "observe" | "warn" | "block";
  unknown?: "ignore" | "observe" | "warn" | "block";
  events?: PlannedEvent[];
}

/** Whether something that was read is enough of a plan for the form to show it. */
export function isPlan(read: unknown): read is PlanDocument {
  if (typeof read !== "object" || read === null) return false;
  const { kind, id, name, events = [] } = read as Record<string, unknown>;
  const named = typeof name === "string" || (typeof name === "object" && name !== null);
  const listed = Array.isArray(events) && events.every((one) => typeof one === "object" && one !== null);
  return kind === "plan" && typeof id === "string" && named && listed;
}

export const MODES = ["observe", "warn", "block"] as const;
export const UNKNOWN = ["ignore", ...MODES] as const;
export const TYPES = ["any", "string", "number", "integer", "boolean", "time", "object", "array"] as const;
export const KINDS = ["track", "page", "screen", "identify", "group", "alias"] as const;

/** A property without what says nothing, so that the document stays as short as a person would write it. */
export function trimmed(property: Property): Property {
  const kept = Object.entries(property).filter(
    ([, value]) => value !== null && value !== undefined && value !== "" && value !== false,
  );
  return Object.fromEntries(kept.filter(([name, value]) => name !== "values" || (value as unknown[]).length > 0));
}
