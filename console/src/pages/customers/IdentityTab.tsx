/** Which identifiers are this person, and the evidence for each link. */

import { Table } from "antd";

import { useIdentity } from "../../api/hooks";
import type { Identity } from "../../api/types";
import { useText } from "../../i18n";
import { Moment } from "../../ui/Moment";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { IdentityGraph } from "./IdentityGraph";
import { shown } from "./shown";

function Evidence({ identity }: { identity: Identity }) {
  const { t, code } = useText();
  return (
    <Section title={t("identity.evidence")} help={t("identity.evidenceHelp")}>
      <Table
        rowKey={(edge) => `${edge.a.type}:${edge.a.value}-${edge.b.type}:${edge.b.value}-${edge.event_id}`}
        size="small"
        pagination={identity.edges.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        dataSource={identity.edges}
        scroll={{ x: "max-content" }}
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
          { key: "source", title: t("customer.source"), render: (_, edge) => code("source", edge.source) },
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

function Identifiers({ identity }: { identity: Identity }) {
  const { t, code } = useText();
  return (
    <Section title={t("identity.identifiers")}>
      <Table
        rowKey={(one) => `${one.type}:${one.value}`}
        size="small"
        pagination={false}
        dataSource={identity.identifiers}
        scroll={{ x: "max-content" }}
        columns={[
          { key: "type", title: t("identity.type"), render: (_, one) => code("idType", one.type) },
          { key: "value", title: t("customer.value"), render: (_, one) => <span className="mono">{one.value}</span> },
          {
            key: "status",
            title: t("customer.status"),
            render: (_, one) => <Pill>{code("idStatus", one.status)}</Pill>,
          },
          { key: "source", title: t("customer.source"), render: (_, one) => code("source", one.source) },
          { key: "first", title: t("identity.first"), render: (_, one) => <Moment at={one.first_at} /> },
          { key: "last", title: t("identity.last"), render: (_, one) => <Moment at={one.last_at} /> },
        ]}
      />
    </Section>
  );
}

export function IdentityTab({ id }: { id: string }) {
  const { t, code } = useText();
  const identity = useIdentity(id);
  return (
    <Asked answer={identity} rows={8}>
      {(data) =>
        data.identifiers.length === 0 ? (
          <Nothing title={t("identity.none")} help={t("identity.noneHelp")} />
        ) : (
          <div className="stack">
            <Section title={t("identity.graph")} help={t("identity.graphHelp")}>
              <IdentityGraph identity={data} />
            </Section>
            <Identifiers identity={data} />
            <Evidence identity={data} />
            {data.merges.length > 0 && (
              <Section title={t("identity.merges")} help={t("identity.mergesHelp")}>
                <Table
                  rowKey={(merge) => `${merge.loser}-${merge.winner}-${merge.at}`}
                  size="small"
                  pagination={false}
                  dataSource={data.merges}
                  scroll={{ x: "max-content" }}
                  columns={[
                    { key: "at", title: t("customer.when"), render: (_, merge) => <Moment at={merge.at} /> },
                    {
                      key: "who",
                      title: t("identity.joined"),
                      render: (_, merge) => (
                        <span className="mono">
                          {merge.loser} → {merge.winner}
                        </span>
                      ),
                    },
                    {
                      key: "reason",
                      title: t("identity.reason"),
                      render: (_, merge) => code("mergeReason", merge.reason),
                    },
                    {
                      key: "evidence",
                      title: t("identity.proof"),
                      render: (_, merge) => (
                        <span className="mono faint clip" title={shown(merge.evidence)}>
                          {shown(merge.evidence)}
                        </span>
                      ),
                    },
                  ]}
                />
              </Section>
            )}
          </div>
        )
      }
    </Asked>
  );
}
