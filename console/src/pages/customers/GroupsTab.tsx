/** Where a customer belongs: the household and the accounts, with who else is of them. */

import { Space } from "antd";
import { Link } from "react-router";

import { useCustomerGroups } from "../../api/linkage";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { readable } from "../../lib/value";
import { Moment } from "../../ui/Moment";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";

/** What is said of a group beside its name. */
const told = (traits: Record<string, unknown>) => Object.entries(traits).filter(([name]) => name !== "name");

/** What an account calls itself. */
function nameOf(traits: Record<string, unknown>, id: string): string {
  return typeof traits.name === "string" && traits.name ? traits.name : id;
}

export function GroupsTab({ id }: { id: string }) {
  const { t, language, code } = useText();
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
                  {group.kind === "account" ? nameOf(group.traits, group.group_id) : t("groups.household")}{" "}
                  {group.kind === "account" && <Pill>{t("groups.account")}</Pill>}
                </>
              }
              extra={<Pill>{t("groups.size", { n: number(group.size, language), count: group.size })}</Pill>}
              help={
                <>
                  {group.kind === "household"
                    ? t("groups.by", { rule: code("groups.rule", group.why) })
                    : t("groups.byEvents")}{" "}
                  · <Moment at={group.since} /> · <span className="mono">{group.group_id}</span>
                </>
              }
            >
              {told(group.traits).length > 0 && (
                <Space wrap size={4} className="gap-below">
                  {told(group.traits).map(([name, value]) => (
                    <Pill key={name}>
                      {name}: {readable(value, language)}
                    </Pill>
                  ))}
                </Space>
              )}
              <ul className="plain-list">
                {group.members.map((member) => (
                  <li key={member.customer_id}>
                    {member.customer_id === id ? (
                      <strong>{member.name}</strong>
                    ) : (
                      <Link to={`/customers/${member.customer_id}`}>{member.name}</Link>
                    )}{" "}
                    <span className="faint">
                      · {t("groups.since")} <Moment at={member.since} />
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
