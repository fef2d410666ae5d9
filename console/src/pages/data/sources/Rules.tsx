/** The rules of one source as a form: what each value must be, what comes how often, and what happens otherwise. */

import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Input, InputNumber, Select, Table } from "antd";
import { useState } from "react";

import { saveRules, useRules } from "../../../api/quality";
import { useWorkspace } from "../../../app/workspace";
import { useText } from "../../../i18n";
import { DurationField } from "../../../ui/DurationField";
import { Section } from "../../../ui/Section";
import { Asked, useErrorText } from "../../../ui/States";
import { valueOf } from "../rejected/FixRows";
import { asKind, lacking, looksAtRows, type Rule, RULES, type RulesDocument, written } from "./rules";

interface Row {
  rule: Rule;
  label: string;
  onChange: (change: Partial<Rule>) => void;
}

function Limits({ rule, label, onChange }: Row) {
  const { t } = useText();
  const named = (name: string) => `${label}: ${name}`;
  const chosen = <K extends "within" | "to">(key: K, options: string[]) => (
    <Select
      aria-label={named(t(`rules.${key}`))}
      style={{ width: 160 }}
      value={rule[key]}
      onChange={(value) => onChange({ [key]: value })}
      options={options.map((value) => ({ value, label: t(`rules.${key}s.${value}`) }))}
    />
  );
  const numeric = (key: "min" | "max" | "weeks" | "limit") => (
    <InputNumber
      key={key}
      aria-label={named(t(`rules.${key}`))}
      style={{ width: 110 }}
      placeholder={t(`rules.${key}`)}
      value={rule[key] ?? null}
      onChange={(value) => onChange({ [key]: value })}
    />
  );
  switch (rule.rule) {
    case "range":
      return (
        <span className="row">
          {numeric("min")}
          {numeric("max")}
        </span>
      );
    case "set":
      return (
        <Select
          aria-label={named(t("plan.values"))}
          mode="tags"
          open={false}
          suffix={null}
          style={{ width: 240 }}
          value={(rule.values ?? []).map((one) => (typeof one === "string" ? one : JSON.stringify(one)))}
          onChange={(values: string[]) => onChange({ values: values.map((one) => valueOf(one) as string) })}
        />
      );
    case "pattern":
      return (
        <Input
          aria-label={named(t("plan.pattern"))}
          className="mono"
          style={{ width: 240 }}
          value={rule.pattern ?? ""}
          onChange={(event) => onChange({ pattern: event.target.value })}
        />
      );
    case "unique":
      return chosen("within", ["day", "file"]);
    case "reference":
      return chosen("to", ["products", "orders"]);
    case "freshness":
      return (
        <DurationField
          label={named(t("rules.every"))}
          value={rule.within ?? null}
          onChange={(within) => onChange({ within: within ?? "1d" })}
        />
      );
    case "volume":
      return (
        <span className="row">
          {numeric("weeks")}
          {numeric("limit")}
        </span>
      );
    default:
      return null;
  }
}

function Editor({ found, more }: { found: RulesDocument; more: number }) {
  const { t } = useText();
  const { user } = useWorkspace();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [rules, setRules] = useState<Rule[]>(found.rules ?? []);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const writes = user.role !== "viewer";
  const put = (at: number, rule: Rule) => setRules(rules.map((one, place) => (place === at ? rule : one)));
  const wanting = rules.map(lacking).find((one) => one !== null);
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      await saveRules({ ...found, rules: rules.map(written) });
      await client.invalidateQueries({ queryKey: ["definitions", "rules"] });
      message.success(t("rules.saved"));
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  const rows = rules.map((rule, at) => ({ rule, at, label: `${at + 1} ${t(`rules.kinds.${rule.rule}`)}` }));
  return (
    <Section
      title={t("rules.title")}
      help={t(more > 0 ? "rules.helpMore" : "rules.help", { count: more })}
      extra={
        writes && (
          <Button type="primary" loading={busy} disabled={wanting !== undefined} onClick={() => void save()}>
            {t("rules.save")}
          </Button>
        )
      }
    >
      {error !== null && <Alert className="gap-below" type="error" showIcon role="alert" title={errorText(error)} />}
      {wanting && <p className="faint">{t(`rules.lacking.${wanting}`)}</p>}
      <Table
        rowKey="at"
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={rows}
        locale={{ emptyText: t("rules.none") }}
        columns={[
          {
            key: "rule",
            title: t("rules.rule"),
            render: (_, { rule, at, label }) => (
              <Select
                aria-label={`${label}: ${t("rules.rule")}`}
                style={{ width: 170 }}
                value={rule.rule}
                onChange={(kind) => put(at, asKind(kind, rule))}
                options={RULES.map((value) => ({ value, label: t(`rules.kinds.${value}`) }))}
              />
            ),
          },
          ...(["event", "field"] as const).map((key) => ({
            key,
            title: t(`rules.${key}`),
            render: (_: unknown, { rule, at, label }: (typeof rows)[number]) =>
              (key === "event" || looksAtRows(rule.rule)) && (
                <Input
                  aria-label={`${label}: ${t(`rules.${key}`)}`}
                  className="mono"
                  style={{ width: 190 }}
                  placeholder={key === "event" ? t("rules.everyEvent") : "products[].price"}
                  value={rule[key] ?? ""}
                  onChange={(event) => put(at, { ...rule, [key]: event.target.value })}
                />
              ),
          })),
          {
            key: "limits",
            title: t("rules.limits"),
            render: (_, { rule, at, label }) => (
              <Limits rule={rule} label={label} onChange={(change) => put(at, { ...rule, ...change })} />
            ),
          },
          {
            key: "then",
            title: t("rules.then"),
            render: (_, { rule, at, label }) =>
              looksAtRows(rule.rule) ? (
                <Select
                  aria-label={`${label}: ${t("rules.then")}`}
                  style={{ width: 110 }}
                  value={rule.then ?? "warn"}
                  onChange={(then) => put(at, { ...rule, then })}
                  options={(["warn", "refuse"] as const).map((value) => ({ value, label: t(`rules.thens.${value}`) }))}
                />
              ) : (
                t("rules.thens.tell")
              ),
          },
          {
            key: "gone",
            title: "",
            render: (_, { at, label }) =>
              writes && (
                <Button
                  type="text"
                  aria-label={`${t("action.remove")} ${label}`}
                  icon={<DeleteOutlined aria-hidden />}
                  onClick={() => setRules(rules.filter((__, place) => place !== at))}
                />
              ),
          },
        ]}
      />
      {writes && (
        <Button
          style={{ marginTop: 8 }}
          icon={<PlusOutlined aria-hidden />}
          onClick={() => setRules([...rules, asKind("required", { rule: "required" })])}
        >
          {t("rules.add")}
        </Button>
      )}
    </Section>
  );
}

export function Rules({ source, name }: { source: string; name: RulesDocument["name"] }) {
  const answer = useRules();
  return (
    <Asked answer={answer}>
      {(data) => {
        const ours = data.items.filter((one) => (one.document as unknown as RulesDocument).source === source);
        const first = ours[0];
        const fresh: RulesDocument = { kind: "rules", id: source, name, source };
        const found = first ? (first.document as unknown as RulesDocument) : fresh;
        return <Editor key={first?.version ?? 0} found={found} more={Math.max(0, ours.length - 1)} />;
      }}
    </Asked>
  );
}
