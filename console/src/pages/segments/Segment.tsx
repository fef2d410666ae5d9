/** One segment: load it, or begin a new one, and hand it to the builder. */

import { useParams } from "react-router";

import { useSegment } from "../../api/hooks";
import type { SegmentDocument } from "../../api/types";
import { useText } from "../../i18n";
import { EVERYBODY } from "../../lib/tree";
import { Page } from "../../ui/Page";
import { Asked } from "../../ui/States";
import { Builder } from "./Builder";
import { Insight } from "./Insight";

const BLANK: SegmentDocument = { kind: "segment", id: "", name: { en: "", zh: "" }, condition: EVERYBODY };

export default function Segment() {
  const { t } = useText();
  const { id = "new" } = useParams();
  const segment = useSegment(id === "new" ? null : id);
  if (id === "new") return <Builder key="new" saved={BLANK} />;
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
