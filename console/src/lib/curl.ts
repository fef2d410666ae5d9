/** An item as a command that sends it again. The key is never in it: it comes from the shell's own variable. */

const CALLS = new Set(["track", "identify", "page", "screen", "group", "alias"]);

/** A text as one word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

interface Request {
  path: string;
  body: string;
}

/** Where an item goes: to the door of its own type, else into a batch, where what was wrong with it shows again. */
export function requestOf(raw: string): Request {
  let read: unknown;
  try {
    read = JSON.parse(raw);
  } catch {
    return { path: "/v1/batch", body: raw };
  }
  if (typeof read !== "object" || read === null || Array.isArray(read)) return { path: "/v1/batch", body: raw };
  const item = read as Record<string, unknown>;
  let body = raw;
  if ("writeKey" in item) {
    const rest = { ...item };
    delete rest.writeKey;
    body = JSON.stringify(rest, null, 2);
  }
  if (typeof item.type === "string" && CALLS.has(item.type)) return { path: `/v1/${item.type}`, body };
  return { path: "/v1/batch", body: `{"batch": [${body}]}` };
}

export function curlOf(origin: string, raw: string): string {
  const { path, body } = requestOf(raw);
  return [
    `curl -u "$HOMING_WRITE_KEY:" ${quoted(origin + path)}`,
    `-H 'content-type: application/json'`,
    `--data-raw ${quoted(body)}`,
  ].join(" \\\n  ");
}
