/** What could not be joined: merged where nothing forbids it, kept apart, or let be; many at once. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Segmented, Space, Table } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { useMaker } from "../../api/names";
import {
  type Answer,
  mergeCustomers,
  previewMerge,
  settleConflicts,
  useConflicts,
  type Waiting,
} from "../../api/identity";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { CursorPager } from "../../ui/CursorPager";
import { Moment } from "../../ui/Moment";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing, useErrorText } from "../../ui/States";
import { Wide } from "../../ui/Wide";
import { useAddress } from "../../ui/useAddress";
import { Decision } from "../customers/identity/Decision";

const STANDINGS = ["open", "merged", "apart", "dismissed", "unlinked"] as const;

/** Where a value that is nobody's own, such as a kiosk or the shop's phone, is kept from linking. */
function addressOf({ type, value }: { type: string; value: string }): string {
  return `/identities?${new URLSearchParams({ tab: "blocked", type, value }).toString()}`;
}

/** Two who share a name, or the very e-mail they are here for, are told apart by their ids. */
function Side({ id, name, like }: { id: string; name: string | null; like: string | null }) {
  return (
    <Link to={`/customers/${id}?tab=identity`} title={id}>
      {name ?? id} {name === like && <span className="mono faint">{id}</span>}
    </Link>
  );
}

export function Conflicts() {
  const { t, bi, code } = useText();
  const maker = useMaker();
  const { get, set } = useAddress();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const mayWrite = useWorkspace().user.role !== "viewer";
  const status = get("status") ?? "open";
  const cursor = get("cursor");
  const rows = useConflicts(status, cursor);
  const [chosen, setChosen] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const [merging, setMerging] = useState<Waiting | null>(null);
  const settle = async (ids: string[], answer: Answer) => {
    setBusy(true);
    try {
      const done = await settleConflicts(ids, answer);
      setChosen([]);
      await client.invalidateQueries({ queryKey: ["conflicts"] });
      message.success(t("identities.settled", { count: done.settled }));
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const open = status === "open";
  return (
    <div className="stack">
      <Segmented
        style={{ alignSelf: "start" }}
        aria-label={t("customer.status")}
        value={status}
        onChange={(value) => set({ status: value === "open" ? undefined : value, cursor: undefined })}
        options={STANDINGS.map((value) => ({ value, label: t(`identities.standing.${value}`) }))}
      />
      <Asked answer={rows} rows={8}>
        {(data) => (
          <Section className="flush">
            {mayWrite && open && chosen.length > 0 && (
              <div className="row batch-bar" role="toolbar" aria-label={t("identities.together")}>
                <strong>{t("identities.chosen", { count: chosen.length })}</strong>
                <Button loading={busy} onClick={() => void settle(chosen, "apart")}>
                  {t("identities.apart")}
                </Button>
                <Button loading={busy} onClick={() => void settle(chosen, "dismiss")}>
                  {t("identities.dismiss")}
                </Button>
              </div>
            )}
            <Wide label={t("identities.conflicts")} least={860}>
              <Table<Waiting>
                rowKey="conflict_id"
                dataSource={data.items}
                pagination={false}
                rowSelection={
                  mayWrite && open
                    ? {
                        selectedRowKeys: chosen,
                        onChange: (keys) => setChosen(keys.map(String)),
                        getCheckboxProps: (row) => ({ "aria-label": `${row.name} ${row.reason}` }),
                      }
                    : undefined
                }
                locale={{
                  emptyText: (
                    <Nothing
                      title={t(`identities.empty.${status}`)}
                      help={open ? t("identities.noneHelp") : undefined}
                    />
                  ),
                }}
                columns={[
                  { key: "at", title: t("customer.when"), render: (_, row) => <Moment at={row.at} /> },
                  {
                    key: "who",
                    title: t("identities.who"),
                    render: (_, row) => (
                      <>
                        <Side id={row.customer_id} name={row.name} like={row.other_name} />
                        {row.other && (
                          <div>
                            <span className="faint">↔</span>{" "}
                            <Side id={row.other} name={row.other_name} like={row.name} />
                          </div>
                        )}
                      </>
                    ),
                  },
                  {
                    key: "identifier",
                    title: t("identities.over"),
                    render: (_, row) =>
                      row.identifier && (
                        <>
                          <span className="faint">{code("idType", row.identifier.type)}</span>
                          <div className="mono">{row.identifier.value}</div>
                          {mayWrite && open && <Link to={addressOf(row.identifier)}>{t("identities.doNotLink")}</Link>}
                        </>
                      ),
                  },
                  {
                    key: "why",
                    title: t("identity.reason"),
                    render: (_, row) => (
                      <div style={{ whiteSpace: "normal", minWidth: 200, maxWidth: 340 }}>{bi(row.reason_text)}</div>
                    ),
                  },
                  {
                    key: "do",
                    title: "",
                    render: (_, row) =>
                      !open ? (
                        <>
                          <Pill>{t(`identities.standing.${row.status}`)}</Pill>{" "}
                          <span className="faint">
                            {maker(row.settled_by)} <Moment at={row.settled_at} />
                          </span>
                        </>
                      ) : (
                        mayWrite && (
                          <Space>
                            {row.may_merge && (
                              <Button size="small" onClick={() => setMerging(row)}>
                                {t("identities.merge")}
                              </Button>
                            )}
                            {row.other && (
                              <Button size="small" onClick={() => void settle([row.conflict_id], "apart")}>
                                {t("identities.apart")}
                              </Button>
                            )}
                            <Button size="small" onClick={() => void settle([row.conflict_id], "dismiss")}>
                              {t("identities.dismiss")}
                            </Button>
                          </Space>
                        )
                      ),
                  },
                ]}
              />
            </Wide>
            <CursorPager next={data.next} cursor={cursor} total={data.total} go={(next) => set({ cursor: next })} />
          </Section>
        )}
      </Asked>
      <Decision
        open={merging !== null}
        title={t("identity.mergeTitle")}
        confirm={t("identity.merge")}
        asked={merging ? ["merge", merging.customer_id, merging.other] : null}
        preview={() => previewMerge(merging?.customer_id ?? "", merging?.other ?? "")}
        carryOut={(reason) =>
          reason
            ? mergeCustomers(merging?.customer_id ?? "", merging?.other ?? "", reason).then(() =>
                settleConflicts([merging?.conflict_id ?? ""], "dismiss"),
              )
            : settleConflicts([merging?.conflict_id ?? ""], "merge")
        }
        onClose={() => setMerging(null)}
      >
        <p className="section-help">{t("identity.mergeHelp")}</p>
      </Decision>
    </div>
  );
}
