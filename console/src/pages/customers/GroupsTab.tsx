/** Where a customer belongs: the household and the accounts, with who else is of them. */

import { Space } from "antd";
import { Link } from "react-router";

import { useCustomerGroups } from "../../api/linkage";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { Moment } from "../../ui/Moment";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";

export function GroupsTab({ id }: { id: string }) {
  const { t, language } = useText();
  const groups = useCustomerGroups(id);
  return (
    <Asked answer={groups} rows={5}>
      {({ items }) => (
        <div className="stack">
          {items.length === 0 && <Nothing title={t("groups.none")} help={t("groups.noneHelp")} />}
          {items.map((group) => (
            <Section
              key={`${group.kind}:${group.group_id}`}
              title={
                <>
                  {t(`groups.${group.kind}`)} <span className="mono faint">{group.group_id}</span>
                </>
              }
              extra={<Pill>{t("groups.size", { n: number(group.size, language), count: group.size })}</Pill>}
              help={
                <>
                  {group.kind === "household" ? t("groups.by", { rule: group.why }) : t("groups.byEvents")} ·{" "}
                  <Moment at={group.since} />
                </>
              }
            >
              {Object.keys(group.traits).length > 0 && (
                <Space wrap size={4}>
                  {Object.entries(group.traits).map(([name, value]) => (
                    <Pill key={name}>
                      {name} = {String(value)}
                    </Pill>
                  ))}
                </Space>
              )}
              <ul>
                {group.members.map((member) => (
                  <li key={member.customer_id}>
                    {member.customer_id === id ? (
                      <strong>{member.name}</strong>
                    ) : (
                      <Link to={`/customers/${member.customer_id}`}>{member.name}</Link>
                    )}{" "}
                    <span className="faint">
                      <Moment at={member.since} />
                    </span>
                  </li>
                ))}
              </ul>
            </Section>
          ))}
        </div>
      )}
    </Asked>
  );
}
