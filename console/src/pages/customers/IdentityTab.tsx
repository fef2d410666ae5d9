/** Which identifiers are this person and why; somebody who knows better merges, or takes apart. */

import { Button, Skeleton, Space, Table } from "antd";
import { lazy, Suspense, useState } from "react";

import { useSourceName } from "../../api/names";
import { type Edge, previewSplit, type Split, splitCustomer } from "../../api/identity";
import { useIdentity } from "../../api/hooks";
import type { Identity } from "../../api/types";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { Moment } from "../../ui/Moment";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { Wide } from "../../ui/Wide";
import { Decision } from "./identity/Decision";
import { Evidence } from "./identity/Evidence";
import { MergeDialog } from "./identity/MergeDialog";
import { Merges } from "./identity/Merges";

const IdentityGraph = lazy(() => import("./IdentityGraph"));

const TONE = { active: "good", demoted: "lamp", shared: "slate", blocked: "bad" } as const;
const keyOf = (one: { type: string; value: string }) => `${one.type}:${one.value}`;

interface ListProps {
  identity: Identity;
  chosen: string[];
  setChosen: ((keys: string[]) => void) | undefined;
}

function Identifiers({ identity, chosen, setChosen }: ListProps) {
  const { t, code } = useText();
  const sourceName = useSourceName();
  return (
    <Wide label={t("identity.identifiers")} least={680}>
      <Table
        rowKey={keyOf}
        size="small"
        pagination={identity.identifiers.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        dataSource={identity.identifiers}
        rowSelection={
          setChosen && {
            selectedRowKeys: chosen,
            onChange: (keys) => setChosen(keys.map(String)),
            getCheckboxProps: (one) => ({ "aria-label": `${code("idType", one.type)} ${one.value}` }),
          }
        }
        columns={[
          { key: "type", title: t("identity.type"), render: (_, one) => code("idType", one.type) },
          { key: "value", title: t("customer.value"), render: (_, one) => <span className="mono">{one.value}</span> },
          {
            key: "status",
            title: t("customer.status"),
            render: (_, one) => (
              <Pill tone={TONE[one.status as keyof typeof TONE] ?? "quiet"}>{code("idStatus", one.status)}</Pill>
            ),
          },
          { key: "source", title: t("customer.source"), render: (_, one) => sourceName(one.source) },
          { key: "first", title: t("identity.first"), render: (_, one) => <Moment at={one.first_at} /> },
          { key: "last", title: t("identity.last"), render: (_, one) => <Moment at={one.last_at} /> },
        ]}
      />
    </Wide>
  );
}

export function IdentityTab({ id }: { id: string }) {
  const { t } = useText();
  const identity = useIdentity(id);
  const mayWrite = useWorkspace().user.role !== "viewer";
  const [chosen, setChosen] = useState<string[]>([]);
  const [edge, setEdge] = useState<Edge | null>(null);
  const [merging, setMerging] = useState(false);
  const [split, setSplit] = useState<Split | null>(null);
  const edgeName = edge && `${keyOf(edge.a)}|${keyOf(edge.b)}|${edge.event_id}`;
  const toggle = (key: string) =>
    setChosen((old) => (old.includes(key) ? old.filter((one) => one !== key) : [...old, key]));
  return (
    <Asked answer={identity} rows={8}>
      {(data) => {
        const out = data.identifiers.filter((one) => chosen.includes(keyOf(one)));
        const takeOut = () => setSplit({ identifiers: out.map(({ type, value }) => ({ type, value })) });
        return (
          <div className="stack">
            {data.identifiers.length === 0 ? (
              <Nothing title={t("identity.none")} help={t("identity.noneHelp")} />
            ) : (
              <>
                <Section
                  title={t("identity.graph")}
                  help={t("identity.graphHelp")}
                  extra={mayWrite && <Button onClick={() => setMerging(true)}>{t("identity.mergeWith")}</Button>}
                >
                  <Suspense fallback={<Skeleton active paragraph={{ rows: 6 }} />}>
                    <IdentityGraph
                      identity={data}
                      chosen={chosen}
                      edge={edgeName}
                      onChoose={(one) => mayWrite && toggle(keyOf(one))}
                      onEdge={setEdge}
                    />
                  </Suspense>
                </Section>
                <Section
                  title={t("identity.identifiers")}
                  help={mayWrite ? t("identity.identifiersHelp") : undefined}
                  extra={
                    mayWrite && (
                      <Space>
                        <Button disabled={out.length === 0 || out.length === data.identifiers.length} onClick={takeOut}>
                          {out.length === 0 ? t("identity.takeOutNone") : t("identity.takeOut", { count: out.length })}
                        </Button>
                      </Space>
                    )
                  }
                >
                  <Identifiers identity={data} chosen={chosen} setChosen={mayWrite ? setChosen : undefined} />
                </Section>
                <Evidence identity={data} chosen={edgeName} />
              </>
            )}
            {data.merges.length > 0 && (
              <Merges identity={data} takeBack={mayWrite ? (merge) => setSplit({ merge }) : undefined} />
            )}
            <MergeDialog id={id} open={merging} onClose={() => setMerging(false)} />
            <Decision
              open={split !== null}
              title={t("identity.splitTitle")}
              confirm={t("identity.split")}
              asked={split ? ["split", id, split] : null}
              preview={() => previewSplit(id, split ?? {})}
              carryOut={(reason) => splitCustomer(id, split ?? {}, reason)}
              onClose={() => setSplit(null)}
              onDone={() => setChosen([])}
            >
              <p className="section-help">{t("identity.splitHelp")}</p>
            </Decision>
          </div>
        );
      }}
    </Asked>
  );
}
