/** What does a JSON schema ask? Its fields in order, each with the control that suits it. */

export interface Shape {
  type?: string;
  title?: string;
  "x-title-zh"?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  anyOf?: Shape[];
  $ref?: string;
  items?: Shape;
  additionalProperties?: Shape | boolean;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  format?: string;
  properties?: Record<string, Shape>;
  required?: string[];
  $defs?: Record<string, Shape>;
}

export type Control = "text" | "long" | "secret" | "number" | "switch" | "choice" | "list" | "pairs" | "json";

export interface Field {
  name: string;
  shape: Shape;
  control: Control;
  required: boolean;
  options: string[];
}

const LONG = 1_000; // characters; a field that takes more is a text of several lines

function opened(shape: Shape, root: Shape): Shape {
  if (shape.$ref) {
    const found = root.$defs?.[shape.$ref.split("/").at(-1) ?? ""];
    return found ? { ...opened(found, root), ...shape, $ref: undefined } : shape;
  }
  const real = shape.anyOf?.filter((one) => one.type !== "null");
  return real?.length === 1 && real[0] ? { ...opened(real[0], root), ...shape, anyOf: undefined } : shape;
}

function controlOf(shape: Shape, secret: boolean): Control {
  if (secret || shape.format === "password") return "secret";
  if (shape.enum) return "choice";
  if (shape.type === "boolean") return "switch";
  if (shape.type === "integer" || shape.type === "number") return "number";
  if (shape.type === "string") return (shape.maxLength ?? 0) > LONG ? "long" : "text";
  if (shape.type === "array" && (shape.items?.type === "string" || shape.items?.type === undefined)) return "list";
  const values = shape.additionalProperties;
  return shape.type === "object" && typeof values === "object" && values.type === "string" ? "pairs" : "json";
}

/** The fields of a schema: those that must be given first, each group in the order of the schema. */
export function fieldsOf(schema: Shape, secrets: readonly string[] = []): Field[] {
  const needed = new Set(schema.required ?? []);
  const all = Object.entries(schema.properties ?? {}).map(([name, raw]): Field => {
    const shape = opened(raw, schema);
    return {
      name,
      shape,
      control: controlOf(shape, secrets.includes(name)),
      required: needed.has(name),
      options: (shape.enum ?? []).map(String),
    };
  });
  return [...all.filter((field) => field.required), ...all.filter((field) => !field.required)];
}

/** "a=b", one pair a line. */
export function readPairs(text: string): Record<string, string> {
  const pairs = text
    .split("\n")
    .filter((line) => line.includes("="))
    .map((line) => [line.slice(0, line.indexOf("=")).trim(), line.slice(line.indexOf("=") + 1).trim()] as const)
    .filter(([name, value]) => name && value);
  return Object.fromEntries(pairs);
}

export function writePairs(pairs: unknown): string {
  return typeof pairs === "object" && pairs !== null
    ? Object.entries(pairs)
        .map(([name, value]) => `${name}=${String(value)}`)
        .join("\n")
    : "";
}
