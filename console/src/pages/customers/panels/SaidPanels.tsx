/** What was said of her, by group: each word with its source and time, and the sources that say something else. */

import { Popover, Table } from "antd";

import { useSourceName } from "../../../api/names";
import type { Said } from "../../../api/customers";
import { useWorkspace } from "../../../app/workspace";
import { useText } from "../../../i18n";
import { time } from "../../../lib/format";
import { readable } from "../../../lib/value";
import { Moment } from "../../../ui/Moment";
import { Section } from "../../../ui/Section";
import type { PanelProps } from "./panel";

/** Traits whose value is a code with words of its own. */
const CODES: Record<string, string> = { lifecycle_stage: "lifecycle", rfm_segment: "rfm" };

function useWorded() {
  const { code, language } = useText();
  const { zone } = useWorkspace().workspace;
  return (name: string, value: unknown) =>
    name.endsWith("_at") && typeof value === "string"
      ? time(value, language, zone)
      : code(CODES[name] ?? "", readable(value, language));
}

function Disagreement({ said }: { said: Said }) {
  const { t } = useText();
  const sourceName = useSourceName();
  const worded = useWorded();
  const others = said.words.slice(1);
  if (others.length === 0) return null;
  const table = (
    <div className="words">
      <p>{t("view.why")}</p>
      <table>
        <tbody>
          {said.words.map((word, index) => (
            <tr key={word.source}>
              <td>{sourceName(word.source)}</td>
              <td>
                <strong>{word.value === null ? t("view.takenBack") : worded(said.name, word.value)}</strong>
              </td>
              <td className="faint">
                <Moment at={word.at} />
              </td>
              <td className="faint">{t("view.times", { count: word.times })}</td>
              <td>{index === 0 && <span className="pill pill-good">{t("view.stands")}</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
  return (
    <Popover content={table} trigger={["click"]} placement="bottomLeft">
      <button type="button" className={`pill words-open ${said.disputed ? "pill-lamp" : ""}`}>
        {said.disputed ? t("view.disagree", { count: others.length }) : t("view.agree", { count: others.length })}
      </button>
    </Popover>
  );
}

function Words({ said, empty }: { said: Said[]; empty: string }) {
  const { t, bi } = useText();
  const sourceName = useSourceName();
  const worded = useWorded();
  return (
    <Table<Said>
      rowKey="name"
      size="small"
      pagination={false}
      dataSource={said}
      scroll={{ x: "max-content" }}
      locale={{ emptyText: empty }}
      columns={[
        {
          key: "name",
          title: t("customer.trait"),
          render: (_, one) => <span title={one.name}>{bi(one.label) || one.name}</span>,
        },
        {
          key: "value",
          title: t("customer.value"),
          render: (_, one) => (
            <span className="row">
              <span className="num">{worded(one.name, one.words[0]?.value)}</span>
              <Disagreement said={one} />
            </span>
          ),
        },
        {
          key: "source",
          title: t("customer.source"),
          render: (_, one) => <span className="faint">{sourceName(one.words[0]?.source ?? "")}</span>,
        },
        { key: "as_of", title: t("customer.asOf"), render: (_, one) => <Moment at={one.words[0]?.at} /> },
      ]}
    />
  );
}

const WHO = ["contact", "demographics"];
const ELSEWHERE = [...WHO, "social"];

export function Demographics({ view }: PanelProps) {
  const { t } = useText();
  const said = view.said.filter((one) => WHO.includes(one.group));
  return (
    <Section title={t("view.demographics")} help={t("view.demographicsHelp")}>
      <Words said={said} empty={t("customer.noTraits")} />
    </Section>
  );
}

/** Every other trait: of the shop's own making, scores, tags' values. */
export function Others({ view }: PanelProps) {
  const { t } = useText();
  const said = view.said.filter((one) => !ELSEWHERE.includes(one.group));
  if (said.length === 0) return null;
  return (
    <Section title={t("view.others")} help={t("customer.traitsHelp")}>
      <Words said={said} empty={t("customer.noTraits")} />
    </Section>
  );
}
