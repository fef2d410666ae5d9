/** Who changed what, and when. For owners. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Table } from "antd";

import { api } from "../../api/client";
import { useMaker } from "../../api/names";
import type { components } from "../../api/schema";
import type { List, User } from "../../api/types";
import { useText } from "../../i18n";
import { CursorPager } from "../../ui/CursorPager";
import { Moment } from "../../ui/Moment";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { Wide } from "../../ui/Wide";
import { useAddress } from "../../ui/useAddress";
import { AuditFilters, FILTERS } from "./AuditFilters";

type Change = components["schemas"]["AuditOut"];

/** What an action of the log is in words: its own, or those of what is done with every kind of document. */
function useDid() {
  const { t } = useText();
  return (action: string): string => {
    const [kind = "", did = ""] = action.split(".");
    const own = t(`audit.did.${action}`, { defaultValue: "" });
    const what = t(`definitionKind.${kind}`, { defaultValue: kind });
    return own || t(`audit.did.document.${did}`, { kind: what, defaultValue: "" });
  };
}

export default function Audit() {
  const { t } = useText();
  const maker = useMaker();
  const did = useDid();
  const { get, set } = useAddress();
  const cursor = get("cursor");
  const sought = Object.fromEntries(FILTERS.map((name) => [name, get(name)]));
  const audit = useQuery({
    queryKey: ["audit", sought, cursor],
    queryFn: ({ signal }) => api.get<List<Change>>("/audit", { ...sought, cursor }, signal),
    placeholderData: keepPreviousData,
  });
  const users = useQuery({ queryKey: ["users"], queryFn: () => api.get<List<User>>("/users") });
  const names = new Map(users.data?.items.map((user) => [`user:${user.user_id}`, user.email]));
  const who = (actor: string) => names.get(actor) ?? maker(actor);
  const narrowed = FILTERS.some((name) => get(name));
  return (
    <Page title={t("audit.title")} lead={t("audit.lead")}>
      <AuditFilters who={who} did={did} />
      <Asked answer={audit} rows={10}>
        {(data) => (
          <Section className="flush">
            <Wide label={t("audit.title")} least={720}>
              <Table<Change>
                rowKey={(row) => `${row.at} ${row.action} ${row.target} ${JSON.stringify(row.details)}`}
                size="small"
                dataSource={data.items}
                pagination={false}
                locale={{
                  emptyText: narrowed ? (
                    <Nothing title={t("audit.noMatch")} help={t("audit.noMatchHelp")} />
                  ) : (
                    <Nothing title={t("audit.none")} />
                  ),
                }}
                columns={[
                  { key: "at", title: t("customer.when"), render: (_, row) => <Moment at={row.at} /> },
                  { key: "who", title: t("audit.who"), render: (_, row) => who(row.actor) },
                  {
                    key: "action",
                    title: t("audit.action"),
                    render: (_, row) => (
                      <>
                        <div>{did(row.action)}</div>
                        <div className="faint mono">{row.action}</div>
                      </>
                    ),
                  },
                  {
                    key: "target",
                    title: t("audit.target"),
                    render: (_, row) => <span className="mono">{row.target}</span>,
                  },
                  {
                    key: "details",
                    title: t("audit.details"),
                    render: (_, row) =>
                      Object.keys(row.details).length > 0 && (
                        <span className="mono faint">{JSON.stringify(row.details)}</span>
                      ),
                  },
                ]}
              />
            </Wide>
            <CursorPager next={data.next} cursor={cursor} total={data.total} go={(next) => set({ cursor: next })} />
          </Section>
        )}
      </Asked>
    </Page>
  );
}
