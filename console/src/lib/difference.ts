/** Where two JSON texts differ, leaf by leaf; null when one of them cannot be read. */

export interface Leaf {
  path: string;
  before: string | null;
  after: string | null;
}

function leaves(value: unknown, path: string, into: Map<string, string>): void {
  if (value !== null && typeof value === "object" && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value)) {
      const here = Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
      leaves(inner, here, into);
    }
  } else into.set(path, JSON.stringify(value));
}

function read(text: string): Map<string, string> | null {
  try {
    const found = new Map<string, string>();
    leaves(JSON.parse(text), "", found);
    return found;
  } catch {
    return null;
  }
}

export function difference(before: string, after: string): Leaf[] | null {
  const old = read(before);
  const now = read(after);
  if (!old || !now) return null;
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => ({ path, before: old.get(path) ?? null, after: now.get(path) ?? null }));
}

/** The paths of a JSON text as the bulk change names them: positions in lists become "[]". */
export function paths(text: string): string[] {
  return [...new Set([...(read(text)?.keys() ?? [])].map((path) => path.replaceAll(/\[\d+\]/g, "[]")))];
}

/** The text laid out for reading, or as it is when it is no JSON. */
export function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
