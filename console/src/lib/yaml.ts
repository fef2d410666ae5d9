/** A condition as a text: read with the line of what is wrong, in the text itself or in what the server says of it. */

import { LineCounter, isMap, isSeq, parseDocument, stringify, type ErrorCode } from "yaml";

import type { Condition, SegmentDocument } from "../api/types";

export interface Trouble {
  line: number;
  message: string;
}

export interface Read {
  condition: Condition | null;
  trouble: Trouble | null;
}

export function write(document: SegmentDocument): string {
  return stringify(
    { kind: "segment", id: document.id, name: document.name, condition: document.condition },
    { lineWidth: 100 },
  );
}

/** Why a text is no YAML, and in which line; null when it is. The code has words in `yaml` of the texts. */
export function unreadable(text: string): { line: number; code: ErrorCode } | null {
  const lines = new LineCounter();
  const found = parseDocument(text, { lineCounter: lines });
  const error = found.errors[0];
  if (error) return { line: lines.linePos(error.pos[0]).line, code: error.code };
  try {
    found.toJS();
    return null;
  } catch {
    return { line: 1, code: "BAD_ALIAS" }; // what an alias stands for is looked up last
  }
}

/** Read the text; `missing` is said when it has no condition, `worded` says why it cannot be read. */
export function read(text: string, missing: string, worded: (code: ErrorCode) => string): Read {
  const wrong = unreadable(text);
  if (wrong) return { condition: null, trouble: { line: wrong.line, message: worded(wrong.code) } };
  const condition = (parseDocument(text).toJS() as { condition?: Condition } | null)?.condition;
  if (typeof condition?.type !== "string") return { condition: null, trouble: { line: 1, message: missing } };
  return { condition, trouble: null };
}

/** The line of a field the server names, such as `condition.of.0.within`; of its nearest parent where it is not there. */
export function lineOf(text: string, field: string): number {
  const lines = new LineCounter();
  let node: unknown = parseDocument(text, { lineCounter: lines }).contents;
  let line = 1;
  for (const part of field.split(".")) {
    if (isMap(node)) {
      const pair = node.items.find((one) => String(one.key) === part);
      if (!pair) break;
      const start = (pair.key as { range?: [number, number, number] | null }).range?.[0];
      if (start !== undefined) line = lines.linePos(start).line;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(part)] as { range?: [number, number, number] | null } | undefined;
      if (!item?.range) break;
      line = lines.linePos(item.range[0]).line;
      node = item;
    } else break;
  }
  return line;
}
