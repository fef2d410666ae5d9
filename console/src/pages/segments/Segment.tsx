/** One segment: load it, or begin a new one, and hand it to the builder. */

import { useParams } from "react-router";

import { useSegment } from "../../api/hooks";
import type { Condition, SegmentDocument } from "../../api/types";
import { useText } from "../../i18n";
import { EVERYBODY, sound } from "../../lib/tree";
import { Page } from "../../ui/Page";
import { Asked } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import { Builder } from "./Builder";
import { Insight } from "./Insight";

const BLANK: SegmentDocument = { kind: "segment", id: "", name: { en: "", zh: "" }, condition: EVERYBODY };

/** What another page asks to begin with, as `?condition=`; what the builder cannot show is not begun with. */
function begun(asked: string | undefined): SegmentDocument {
  if (!asked) return BLANK;
  try {
    const condition = JSON.parse(asked) as Condition;
    return sound(condition) ? { ...BLANK, condition: { type: "all", of: [condition] } } : BLANK;
  } catch {
    return BLANK;
  }
}

export default function Segment() {
  const { t } = useText();
  const { id = "new" } = useParams();
  const { get } = useAddress();
  const segment = useSegment(id === "new" ? null : id);
  if (id === "new") return <Builder key="new" saved={begun(get("condition"))} />;
  if (segment.data)
    return (
      <>
        <Builder key={id} saved={segment.data} />
        <Insight key={`insight-${id}`} id={id} />
      </>
    );
  return (
    <Page title={t("segment.one")} crumbs={[{ to: "/segments", label: t("menu.segments") }]}>
      <Asked answer={segment}>{() => null}</Asked>
    </Page>
  );
}
