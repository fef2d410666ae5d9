/** Which customers became this one, by what, and the way back. */

import { Button, Table } from "antd";

import type { Identity } from "../../../api/types";
import { useText } from "../../../i18n";
import { readable } from "../../../lib/value";
import { Moment } from "../../../ui/Moment";
import { Pill } from "../../../ui/Pill";
import { Section } from "../../../ui/Section";
import { Wide } from "../../../ui/Wide";

/** The identifiers that were named together, in words; what else the ledger kept of a merge stays as it is. */
function Proof({ of }: { of: Identity["merges"][number]["evidence"] }) {
  const { code, language } = useText();
  const named = of.named;
  if (!Array.isArray(named)) return <span className="mono faint clip">{readable(of, language)}</span>;
  return (
    <ul className="side-ids">
      {named.map((id: unknown) => {
        const [type, value] = Array.isArray(id) ? (id as [unknown, unknown]) : ["", id];
        return (
          <li key={readable(id, language)}>
            <span className="faint">{code("idType", String(type))}</span>{" "}
            <span className="mono">{readable(value, language)}</span>
          </li>
        );
      })}
    </ul>
  );
}

export function Merges({
  identity,
  takeBack,
}: {
  identity: Identity;
  takeBack: ((merge: string) => void) | undefined;
}) {
  const { t, code } = useText();
  return (
    <Section title={t("identity.merges")} help={t("identity.mergesHelp")}>
      <Wide label={t("identity.merges")} least={680}>
        <Table
          rowKey="merge_id"
          size="small"
          pagination={false}
          dataSource={identity.merges}
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
            { key: "reason", title: t("identity.reason"), render: (_, merge) => code("mergeReason", merge.reason) },
            { key: "evidence", title: t("identity.proof"), render: (_, merge) => <Proof of={merge.evidence} /> },
            {
              key: "do",
              title: "",
              render: (_, merge) =>
                merge.undone ? (
                  <Pill tone="lamp">{t("identity.undone")}</Pill>
                ) : (
                  takeBack && (
                    <Button size="small" onClick={() => takeBack(merge.merge_id)}>
                      {t("identity.takeBack")}
                    </Button>
                  )
                ),
            },
          ]}
        />
      </Wide>
    </Section>
  );
}
