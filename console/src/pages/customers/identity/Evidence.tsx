/** Why each line of the graph is there: the event that names both, or the person or likeness that says so. */

import { Table } from "antd";

import { useMaker, useSourceName } from "../../../api/names";
import type { Edge } from "../../../api/identity";
import type { Identity } from "../../../api/types";
import { useText } from "../../../i18n";
import { likely } from "../../../lib/format";
import { Moment } from "../../../ui/Moment";
import { Pill } from "../../../ui/Pill";
import { Section } from "../../../ui/Section";

const keyOf = (edge: Edge) => `${edge.a.type}:${edge.a.value}|${edge.b.type}:${edge.b.value}|${edge.event_id}`;

export function Evidence({ identity, chosen }: { identity: Identity; chosen: string | null }) {
  const { t, code, language } = useText();
  const maker = useMaker();
  const sourceName = useSourceName();
  const first = identity.edges.filter((edge) => keyOf(edge) === chosen);
  const edges = [...first, ...identity.edges.filter((edge) => keyOf(edge) !== chosen)];
  return (
    <Section title={t("identity.evidence")} help={t("identity.evidenceHelp")}>
      <Table<Edge>
        rowKey={keyOf}
        size="small"
        pagination={edges.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        dataSource={edges}
        scroll={{ x: "max-content" }}
        rowClassName={(edge) => (keyOf(edge) === chosen ? "row-chosen" : "")}
        locale={{ emptyText: t("identity.noEdges") }}
        columns={[
          {
            key: "link",
            title: t("identity.link"),
            render: (_, edge) => (
              <span className="mono">
                {edge.a.value} ↔ {edge.b.value}
              </span>
            ),
          },
          {
            key: "types",
            title: t("identity.types"),
            render: (_, edge) => `${code("idType", edge.a.type)} ↔ ${code("idType", edge.b.type)}`,
          },
          {
            key: "how",
            title: t("identity.how"),
            render: (_, edge) => (
              <>
                <Pill tone={edge.how === "same_event" ? "quiet" : "lamp"}>{code("edgeHow", edge.how)}</Pill>{" "}
                {typeof edge.probability === "number" && likely(edge.probability, language)}
                {edge.made_by && edge.how !== "same_event" && <div className="faint">{maker(edge.made_by)}</div>}
              </>
            ),
          },
          { key: "source", title: t("customer.source"), render: (_, edge) => sourceName(edge.source) },
          {
            key: "event",
            title: t("identity.event"),
            render: (_, edge) => (
              <span className="mono faint clip" title={edge.event_id}>
                {edge.event_id}
              </span>
            ),
          },
          { key: "at", title: t("customer.when"), render: (_, edge) => <Moment at={edge.at} /> },
        ]}
      />
    </Section>
  );
}
