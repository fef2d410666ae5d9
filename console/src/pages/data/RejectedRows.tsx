/** What did not come in, and why: found by what it has in common, mended together, sent again or put aside. */

import { useQueryClient } from "@tanstack/react-query";
import { Button, Table } from "antd";
import { useRef, useState } from "react";

import { useSourceName } from "../../api/names";
import { type RejectedGroup, type Selection, useRejectedGroups, useRejectedRows } from "../../api/quality";
import type { Rejected } from "../../api/types";
import { useNow, useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { laidOut, paths } from "../../lib/difference";
import { durationSeconds } from "../../lib/format";
import { CursorPager } from "../../ui/CursorPager";
import { Moment } from "../../ui/Moment";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { Wide } from "../../ui/Wide";
import { useAddress } from "../../ui/useAddress";
import { EditRow } from "./rejected/EditRow";
import { Filters, namesOf } from "./rejected/Filters";
import { Met } from "./rejected/Met";
import { placeIn } from "./rejected/place";
import { Together } from "./rejected/Together";

const TONE = { open: "bad", replayed: "good", dropped: "quiet" } as const;

/** How many open rows have this source and this reason. */
function countOf(groups: RejectedGroup[], common: Selection): number {
  return groups
    .filter((group) => group.status === "open" && (!common.source || group.source === common.source))
    .filter((group) => !common.code || group.code === common.code)
    .reduce((sum, group) => sum + group.n, 0);
}

/** The filters as the server is asked, and what they have in common as a selection. */
function asked(get: (name: string) => string | undefined, now: number) {
  const status = get("status") ?? "open";
  const span = durationSeconds(get("span") ?? "");
  const common = { source: get("source"), code: get("code"), import_id: get("import_id") };
  const minute = Math.floor(now / 60_000) * 60_000; // so that the question does not change every second
  const since = span === null ? undefined : new Date(minute - span * 1000).toISOString();
  const filter = { ...common, cursor: get("cursor"), status: status === "all" ? undefined : status, since };
  const canAll = status === "open" && span === null && !common.import_id && Boolean(common.source ?? common.code);
  return { common, filter, canAll };
}

/** What a row of a file is, in words. */
function Rows({ shape }: { shape: string }) {
  const { t, code } = useText();
  return shape.startsWith("row:") ? <>{t("plan.rowsOf", { kind: code("import.kinds", shape.slice(4)) })}</> : null;
}

export default function RejectedRows() {
  const { t, bi, code } = useText();
  const sourceName = useSourceName();
  const { get, set } = useAddress();
  const { user } = useWorkspace();
  const client = useQueryClient();
  const now = useNow();
  const { common, filter, canAll } = asked(get, now);
  const rows = useRejectedRows(filter);
  const groups = useRejectedGroups();
  const [marked, setMarked] = useState<{ status: string; ids: string[] }>({ status: "", ids: [] });
  const [whole, setWhole] = useState(false);
  const [editing, setEditing] = useState<Rejected | null>(null);
  const status = get("status") ?? "open";
  const wanted = status === "dropped" ? "dropped" : "open"; // what can be chosen here
  const chosen = marked.status === status ? marked.ids : [];
  const setChosen = (ids: string[]) => setMarked({ status, ids });
  const matching = countOf(groups.data?.items ?? [], common);
  const all = whole && canAll;
  const n = all ? matching : chosen.length;
  const select: Selection = all ? common : { ids: chosen };
  const list = useRef<HTMLDivElement>(null);
  const place = useRef(0); // of the first row that was acted on
  const changed = async (left: string[] | null) => {
    place.current = all
      ? 0
      : Math.max(
          0,
          (rows.data?.items ?? []).findIndex((row) => chosen.includes(row.rejected_id)),
        );
    if (left) {
      setChosen(left);
      setWhole(false);
    }
    await client.invalidateQueries({ queryKey: ["rejected"] });
    await new Promise((drawn) => setTimeout(drawn)); // it is known now, and drawn a turn later
  };
  /** What was chosen has left the list: the keyboard goes on with the row that took its place. */
  const goOn = () => {
    const boxes = [...(list.current?.querySelectorAll<HTMLInputElement>("tbody input[type=checkbox]:enabled") ?? [])];
    (boxes[Math.min(place.current, boxes.length - 1)] ?? list.current?.querySelector<HTMLElement>(".wide"))?.focus();
  };
  const bodies = (rows.data?.items ?? []).filter((row) => all || chosen.includes(row.rejected_id));
  const fields = [...new Set(bodies.flatMap((row) => paths(row.body ?? "")))].sort();
  const names = namesOf(groups.data?.items ?? [], bi, t("rejected.nobody"));
  const mayWrite = user.role !== "viewer";
  return (
    <Page title={t("rejected.title")} lead={t("rejected.lead")}>
      <Filters groups={groups.data?.items ?? []} />
      <div ref={list}>
        <Asked answer={rows} rows={8}>
          {(data) => (
            <Section className="flush">
              {mayWrite && (n > 0 || (canAll && matching > 0)) && (
                <Together
                  select={select}
                  n={n}
                  matching={canAll ? matching : null}
                  whole={all}
                  onWhole={setWhole}
                  fields={fields}
                  dropped={wanted === "dropped"}
                  changed={changed}
                  goOn={goOn}
                />
              )}
              <Wide label={t("rejected.title")} least={640}>
                <Table<Rejected>
                  rowKey="rejected_id"
                  dataSource={data.items}
                  pagination={false}
                  rowSelection={
                    mayWrite
                      ? {
                          selectedRowKeys: all ? data.items.map((row) => row.rejected_id) : chosen,
                          onChange: (keys) => setChosen(keys.map(String)),
                          getCheckboxProps: (row) => ({
                            disabled: row.status !== wanted || all,
                            "aria-label": `${row.place} ${row.reason.code}`,
                          }),
                        }
                      : undefined
                  }
                  locale={{ emptyText: <Nothing title={t("rejected.none")} help={t("rejected.noneHelp")} /> }}
                  expandable={{
                    expandedRowRender: (row) => (
                      <>
                        <pre className="block">
                          {row.body === null ? t("rejected.hidden") : laidOut(row.body ?? "")}
                        </pre>
                        {mayWrite && row.status === "open" && (
                          <Button onClick={() => setEditing(row)}>{t("rejected.edit")}</Button>
                        )}
                      </>
                    ),
                  }}
                  columns={[
                    { key: "at", title: t("customer.when"), render: (_, row) => <Moment at={row.at} /> },
                    {
                      key: "source",
                      title: t("rejected.what"),
                      render: (_, row) => (
                        <>
                          {names.get(row.source) ?? sourceName(row.source)}
                          <div>
                            {row.event || row.type ? (
                              code(row.event ? "event" : "eventKind", row.event || row.type)
                            ) : (
                              <Rows shape={row.shape} />
                            )}
                          </div>
                          {row.place && <div className="faint">{placeIn(row.place, t)}</div>}
                        </>
                      ),
                    },
                    {
                      key: "message",
                      title: t("rejected.why"),
                      render: (_, row) => (
                        <div style={{ whiteSpace: "normal", maxWidth: 560 }}>
                          {bi(row.reason.text)}
                          <div className="faint">{row.reason.message}</div>
                          <Met reason={row.reason} />
                        </div>
                      ),
                    },
                    {
                      key: "status",
                      title: t("rejected.status"),
                      render: (_, row) => <Pill tone={TONE[row.status]}>{t(`rejected.is.${row.status}`)}</Pill>,
                    },
                  ]}
                />
              </Wide>
              <CursorPager
                next={data.next}
                cursor={filter.cursor}
                total={data.total}
                go={(next) => set({ cursor: next })}
              />
            </Section>
          )}
        </Asked>
      </div>
      {editing && (
        <EditRow
          row={editing}
          close={() => setEditing(null)}
          done={() => {
            setEditing(null);
            void changed(null);
          }}
        />
      )}
    </Page>
  );
}
