/** Edits a lifecycle's document: its stages as people read them, and the order in which they are judged. */

import type { Bi, Condition } from "../api/types";
import { slug } from "./slug";
import { complete, EVERYBODY, sound } from "./tree";

export interface Stage {
  id: string;
  name: Bi;
  colour: string;
  /** Without one it takes everybody who is left, and is judged last. */
  condition?: Condition;
}

export interface LifecycleDocument {
  kind: "lifecycle";
  id: string;
  name: Bi;
  description?: Bi;
  main?: boolean;
  stages: Stage[];
  order: string[];
}

const COLOURS = ["#4096ff", "#389e0d", "#d48806", "#cf1322", "#722ed1", "#13a8a8", "#8c8c8c"];

function both(name: unknown): Bi {
  if (typeof name === "object" && name !== null) return { en: "", zh: "", ...(name as Partial<Bi>) };
  return typeof name === "string" ? { en: name, zh: name } : { en: "", zh: "" };
}

/** What a new lifecycle begins with: everybody is left over until a stage takes them. */
export const BLANK: LifecycleDocument = {
  kind: "lifecycle",
  id: "",
  name: { en: "", zh: "" },
  stages: [
    { id: "others", name: { en: "Others", zh: "其他" }, colour: "#8c8c8c" },
    { id: "", name: { en: "", zh: "" }, colour: "#4096ff", condition: EVERYBODY },
  ],
  order: ["", "others"],
};

/** A document as the form edits it, or null where the form cannot show it: then it is edited as a text. */
export function readable(document: unknown): LifecycleDocument | null {
  if (typeof document !== "object" || document === null) return null;
  const found = document as Partial<LifecycleDocument>;
  if (!Array.isArray(found.stages) || typeof found.id !== "string") return null;
  const fits = found.stages.every(
    (one: unknown) => typeof one === "object" && one !== null && typeof (one as Stage).id === "string",
  );
  if (!fits || !found.stages.every((one) => !one.condition || sound(one.condition))) return null;
  const stages = found.stages.map((one) => {
    const { condition, ...rest } = one;
    const stage = { ...rest, name: both(one.name), colour: one.colour ?? "#8c8c8c" };
    return condition ? { ...stage, condition } : stage;
  });
  return {
    ...found,
    kind: "lifecycle",
    id: found.id,
    name: both(found.name),
    stages,
    order: found.order?.length ? [...found.order] : stages.map((one) => one.id),
  };
}

/** Move one thing of a list by so many places; at an end it stays. */
export function moved<T>(list: readonly T[], at: number, by: number): T[] {
  const to = at + by;
  if (to < 0 || to >= list.length) return [...list];
  const next = [...list];
  const [one] = next.splice(at, 1);
  if (one !== undefined) next.splice(to, 0, one);
  return next;
}

/** Whoever takes those who are left is judged last; the others keep their order. */
function settled(document: LifecycleDocument): LifecycleDocument {
  const last = document.stages.filter((one) => !one.condition).map((one) => one.id);
  return { ...document, order: [...document.order.filter((id) => !last.includes(id)), ...last] };
}

/** Move a stage in the order of judging. */
export function judgedEarlier(document: LifecycleDocument, id: string, by: number): LifecycleDocument {
  return settled({ ...document, order: moved(document.order, document.order.indexOf(id), by) });
}

export function withStage(document: LifecycleDocument): LifecycleDocument {
  const colour = COLOURS[document.stages.length % COLOURS.length] ?? "#8c8c8c";
  const id = free(document, "stage");
  const stage: Stage = { id, name: { en: "", zh: "" }, colour, condition: EVERYBODY };
  return { ...document, stages: [...document.stages, stage], order: [id, ...document.order] };
}

export function withoutStage(document: LifecycleDocument, id: string): LifecycleDocument {
  return {
    ...document,
    stages: document.stages.filter((one) => one.id !== id),
    order: document.order.filter((one) => one !== id),
  };
}

/** An id that no other stage has. */
function free(document: LifecycleDocument, wanted: string): string {
  const taken = new Set(document.stages.map((one) => one.id));
  if (!taken.has(wanted)) return wanted;
  let n = 2;
  while (taken.has(`${wanted}_${n}`)) n += 1;
  return `${wanted}_${n}`;
}

/** Change a stage. While it is new its id follows its English name; one without a condition stands alone in that. */
export function changeStage(
  document: LifecycleDocument,
  at: number,
  part: Partial<Stage>,
  isNew: boolean,
): LifecycleDocument {
  const before = document.stages[at];
  if (!before) return document;
  const others = withoutStage(document, before.id);
  const id = isNew && part.name ? free(others, slug(part.name.en) || "stage") : before.id;
  const left = "condition" in part && part.condition === undefined;
  const stages = document.stages.map((one, n) => {
    if (n === at) return { ...one, ...part, id };
    return left && !one.condition ? { ...one, condition: EVERYBODY } : one;
  });
  return settled({ ...document, stages, order: document.order.map((one) => (one === before.id ? id : one)) });
}

/** Is it written far enough to be published? The server has the last word. */
export function publishable(document: LifecycleDocument): boolean {
  return (
    /^[a-z0-9]\w*$/.test(document.id) &&
    Boolean(document.name.en || document.name.zh) &&
    document.stages.length > 1 &&
    document.stages.every((one) => (one.name.en || one.name.zh) && (!one.condition || complete(one.condition)))
  );
}

/** The document as it is sent: a name in one language stands for both. */
export function written(document: LifecycleDocument): LifecycleDocument {
  const filled = (name: Bi): Bi => ({ en: name.en || name.zh, zh: name.zh || name.en });
  return {
    ...document,
    name: filled(document.name),
    stages: document.stages.map((one) => ({ ...one, name: filled(one.name) })),
  };
}
