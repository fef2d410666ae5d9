/** What a trait measures, as a form: the fields that go with its kind, and none of the others. */

import { PlusOutlined } from "@ant-design/icons";
import { AutoComplete, Button, Form, Input, InputNumber, Select } from "antd";

import { useCatalogue } from "../../api/hooks";
import { type TraitSpec, useTraits } from "../../api/traits";
import { useText } from "../../i18n";
import { DurationField } from "../../ui/DurationField";
import { WhereRow } from "../segments/WhereRow";
import { EventField, PathField } from "./Fields";
import { Signals } from "./Signals";

const KINDS: TraitSpec["type"][] = ["aggregate", "formula", "decayed", "said", "score", "percentile", "elasticity"];
const MEASURES = [
  "count", "sum", "average", "min", "max", "distinct", "first", "last", "most_frequent", "newest", "first_at",
  "last_at", "share",
]; // prettier-ignore
const PLAIN = ["count", "first_at", "last_at", "share"];
const VALUES = ["any", "number", "text", "boolean"];
const BLANK: Record<TraitSpec["type"], TraitSpec> = {
  aggregate: { type: "aggregate", measure: "count", event: "Order Completed", within: "30d" },
  formula: { type: "formula", formula: "" },
  decayed: { type: "decayed", half_life: "30d", signals: [{ event: "Product Viewed", key: "category", weight: 1 }] },
  said: { type: "said", trait: "city", wins: "newest" },
  score: { type: "score", trait: "churn_risk", model: "profile" },
  percentile: { type: "percentile", trait: "" },
  elasticity: { type: "elasticity", within: "365d" },
};

interface Props {
  spec: TraitSpec;
  change: (spec: TraitSpec) => void;
}

function Choice(props: {
  id: string;
  label: string;
  value: string;
  options: string[];
  words: string;
  set: (value: string) => void;
}) {
  const { t } = useText();
  return (
    <Form.Item label={props.label} htmlFor={props.id}>
      <Select
        id={props.id}
        value={props.value}
        onChange={props.set}
        options={props.options.map((one) => ({ value: one, label: t(`${props.words}.${one}`) }))}
      />
    </Form.Item>
  );
}

function Filter({ spec, change, of }: Props & { of: "where" | "part" }) {
  const { t } = useText();
  const catalogue = useCatalogue().data;
  const properties = catalogue?.events.find((one) => one.name === spec.event)?.properties ?? [];
  const rows = spec[of] ?? [];
  const put = (next: typeof rows) => change({ ...spec, [of]: next.length ? next : undefined });
  return (
    <Form.Item label={t(`traits.${of}`)}>
      {rows.map((where, n) => (
        <WhereRow
          key={n}
          where={where}
          properties={properties}
          catalogue={catalogue}
          onChange={(next) => put(rows.map((one, at) => (at === n ? next : one)))}
          onRemove={() => put(rows.filter((_, at) => at !== n))}
        />
      ))}
      <Button
        size="small"
        icon={<PlusOutlined aria-hidden />}
        onClick={() => put([...rows, { property: properties[0]?.name ?? "revenue", op: "exists" }])}
      >
        {t("traits.addWhere")}
      </Button>
    </Form.Item>
  );
}

function Aggregate({ spec, change }: Props) {
  const { t } = useText();
  const measure = spec.measure ?? "count";
  const turn = (next: string) => {
    const { property, part, ...rest } = spec;
    change({
      ...rest,
      measure: next,
      ...(PLAIN.includes(next) ? {} : { property: property ?? "revenue" }),
      ...(next === "share" ? { part: part ?? [{ property: "discount", op: "gt", value: 0 }] } : {}),
    });
  };
  return (
    <>
      <Choice
        id="trait-measure"
        label={t("traits.measure")}
        value={measure}
        options={MEASURES}
        words="traits.measures"
        set={turn}
      />
      <EventField id="trait-event" value={spec.event ?? ""} onChange={(event) => change({ ...spec, event })} />
      {!PLAIN.includes(measure) && (
        <PathField
          id="trait-property"
          event={spec.event ?? ""}
          value={spec.property ?? ""}
          onChange={(property) => change({ ...spec, property })}
        />
      )}
      <Form.Item label={t("traits.window")}>
        <DurationField
          optional
          label={t("traits.window")}
          value={spec.within ?? null}
          onChange={(within) => change({ ...spec, within: within ?? undefined })}
        />
      </Form.Item>
      {measure === "newest" && (
        <Form.Item label={t("traits.n")} htmlFor="trait-n">
          <InputNumber
            id="trait-n"
            min={1}
            max={50}
            value={spec.n ?? 5}
            onChange={(n) => change({ ...spec, n: n ?? 5 })}
          />
        </Form.Item>
      )}
      {["first", "last", "most_frequent"].includes(measure) && (
        <Choice
          id="trait-value"
          label={t("traits.valueType")}
          value={spec.value ?? "any"}
          options={VALUES}
          words="traits.types"
          set={(value) => change({ ...spec, value })}
        />
      )}
      <Filter spec={spec} change={change} of="where" />
      {measure === "share" && <Filter spec={spec} change={change} of="part" />}
    </>
  );
}

function Words({ spec, change }: Props) {
  const { t } = useText();
  const field = (id: "trait" | "model" | "version", label: string) => (
    <Form.Item label={label} htmlFor={`trait-${id}`}>
      <Input
        id={`trait-${id}`}
        value={spec[id] ?? ""}
        onChange={(event) => change({ ...spec, [id]: event.target.value || undefined })}
      />
    </Form.Item>
  );
  if (spec.type === "score")
    return (
      <>
        {field("trait", t("traits.saidName"))}
        {field("model", t("traits.model"))}
        {field("version", t("traits.version"))}
      </>
    );
  return (
    <>
      {field("trait", t("traits.saidName"))}
      <Choice
        id="trait-wins"
        label={t("traits.wins")}
        value={spec.wins ?? "newest"}
        words="traits.winsBy"
        options={["newest", "first", "most_frequent", "source"]}
        set={(wins) => {
          const { sources, ...rest } = spec;
          change({ ...rest, wins, ...(wins === "source" ? { sources: sources ?? [] } : {}) });
        }}
      />
      {spec.wins === "source" && (
        <Form.Item label={t("traits.sources")} htmlFor="trait-sources">
          <Select
            id="trait-sources"
            mode="tags"
            value={spec.sources ?? []}
            onChange={(sources: string[]) => change({ ...spec, sources })}
          />
        </Form.Item>
      )}
      <Choice
        id="trait-value"
        label={t("traits.valueType")}
        value={spec.value ?? "any"}
        options={VALUES}
        words="traits.types"
        set={(value) => change({ ...spec, value })}
      />
    </>
  );
}

function Other({ spec, change }: Props) {
  const { t } = useText();
  const known = useTraits().data?.items ?? [];
  if (spec.type === "formula")
    return (
      <Form.Item label={t("traits.formula")} htmlFor="trait-formula" extra={t("traits.formulaHelp")}>
        <Input.TextArea
          id="trait-formula"
          className="mono"
          autoSize={{ minRows: 2, maxRows: 10 }}
          value={spec.formula ?? ""}
          onChange={(event) => change({ ...spec, formula: event.target.value })}
        />
      </Form.Item>
    );
  if (spec.type === "percentile")
    return (
      <Form.Item label={t("traits.among")} htmlFor="trait-among">
        <AutoComplete
          id="trait-among"
          value={spec.trait ?? ""}
          onChange={(trait: string) => change({ ...spec, trait })}
          options={known.filter((one) => one.type === "number").map((one) => ({ value: one.id }))}
        />
      </Form.Item>
    );
  return (
    <>
      <Form.Item label={t("traits.window")} extra={t("traits.elasticityHelp")}>
        <DurationField
          optional
          label={t("traits.window")}
          value={spec.within ?? null}
          onChange={(within) => change({ ...spec, within })}
        />
      </Form.Item>
      <Form.Item label={t("traits.minLines")} htmlFor="trait-min">
        <InputNumber
          id="trait-min"
          min={5}
          max={1000}
          value={spec.min_lines ?? 8}
          onChange={(n) => change({ ...spec, min_lines: n ?? 8 })}
        />
      </Form.Item>
    </>
  );
}

export function SpecForm({ spec, change }: Props) {
  const { t } = useText();
  const words = spec.type === "said" || spec.type === "score";
  return (
    <>
      <Choice
        id="trait-kind"
        label={t("traits.kind")}
        value={spec.type}
        options={KINDS}
        words="traits.specs"
        set={(kind) => change(BLANK[kind as TraitSpec["type"]])}
      />
      {spec.type === "aggregate" && <Aggregate spec={spec} change={change} />}
      {spec.type === "decayed" && <Signals spec={spec} change={change} />}
      {words && <Words spec={spec} change={change} />}
      {!words && spec.type !== "aggregate" && spec.type !== "decayed" && <Other spec={spec} change={change} />}
    </>
  );
}
