/** A customer's tags and stages as chips; each tag says why she has it, those given by hand can be given and taken. */

import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Popover, Select, Skeleton } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import {
  type CustomerTag,
  type TagRow,
  type Why,
  type WhyPart,
  handTag,
  undoBatch,
  useMarks,
  useTags,
  useWhy,
} from "../../api/marks";
import { useMaker, useSourceName } from "../../api/names";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { Moment } from "../../ui/Moment";
import { Pill } from "../../ui/Pill";
import { useErrorText } from "../../ui/States";

const plain = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

function Part({ part }: { part: WhyPart }) {
  const { t, bi } = useText();
  const figure: unknown = part.figure;
  return (
    <li>
      <span aria-label={t(part.holds ? "tag.holds" : "tag.fails")}>{part.holds ? "✓" : "✗"}</span> {bi(part.sentence)}
      {figure !== null && figure !== undefined && <strong className="num"> · {plain(figure)}</strong>}
      {part.last_at && (
        <span className="faint">
          {" "}
          · <Moment at={part.last_at} />
        </span>
      )}
      {(part.parts ?? []).length > 0 && (
        <ul className="why-parts">
          {(part.parts ?? []).map((one, n) => (
            <Part key={n} part={one} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Reasons({ why }: { why: Why }) {
  const { t } = useText();
  const maker = useMaker();
  const sourceName = useSourceName();
  return (
    <div className="why">
      <p>
        {t(`tag.why.${why.how}`, { by: maker(why.by), source: sourceName(why.source), version: why.version ?? "" })}
        {why.since && (
          <>
            {" "}
            · <Moment at={why.since} />
          </>
        )}
        {why.file && <> · {why.file}</>}
      </p>
      {why.until && (
        <p className="faint">
          {t("tag.until")} <Moment at={why.until} />
        </p>
      )}
      {why.score && (
        <p>
          <span className="mono">{why.score.trait}</span> = <strong className="num">{String(why.score.value)}</strong>{" "}
          {why.score.as_of && <Moment at={why.score.as_of} />}
        </p>
      )}
      <ul className="why-parts">
        {(why.rules ?? []).map((rule, n) => (
          <Part key={n} part={rule.reason} />
        ))}
      </ul>
    </div>
  );
}

function Chip({ id, tag, take }: { id: string; tag: CustomerTag; take?: () => void }) {
  const { t, bi } = useText();
  const [open, setOpen] = useState(false);
  const why = useWhy(id, tag.id, open);
  const content = (
    <div style={{ maxWidth: 420 }}>
      {why.data ? <Reasons why={why.data} /> : <Skeleton active paragraph={{ rows: 2 }} title={false} />}
      <div className="filters">
        <Link to={`/tags/${tag.id}`}>{t("tag.open")}</Link>
        {take && (
          <Button size="small" danger onClick={take}>
            {t("tag.do.take")}
          </Button>
        )}
      </div>
    </div>
  );
  return (
    <Popover trigger="click" open={open} onOpenChange={setOpen} title={bi(tag.name)} content={content}>
      <Button size="small" shape="round" aria-label={t("tag.whyHas", { name: bi(tag.name) })}>
        {bi(tag.name)}
        {tag.value !== true && `: ${String(tag.value)}`}
      </Button>
    </Popover>
  );
}

function Add({ rows, give }: { rows: TagRow[]; give: (tag: string, value: unknown) => void }) {
  const { t, bi } = useText();
  const [tag, setTag] = useState<string>();
  const [value, setValue] = useState("");
  const chosen = rows.find((row) => row.id === tag);
  const type = chosen?.value_type;
  const said = type === "number" ? Number(value) : type === "bool" ? value === "true" : value;
  const content = (
    <div className="stack" style={{ width: 240 }}>
      <Select
        aria-label={t("tag.one")}
        value={tag}
        onChange={setTag}
        placeholder={t("tag.one")}
        options={rows.map((row) => ({ value: row.id, label: bi(row.name) }))}
      />
      {type && (
        <input
          className="ant-input"
          aria-label={t("tag.value")}
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
      )}
      <Button
        type="primary"
        disabled={!chosen || Boolean(type && !value)}
        onClick={() => chosen && give(chosen.id, type ? said : undefined)}
      >
        {t("tag.do.give")}
      </Button>
    </div>
  );
  return (
    <Popover trigger="click" title={t("tag.do.give")} content={content}>
      <Button size="small" shape="round" type="dashed" icon={<PlusOutlined aria-hidden />}>
        {t("tag.add")}
      </Button>
    </Popover>
  );
}

export function MarksBar({ id }: { id: string }) {
  const { t, bi } = useText();
  const { message } = App.useApp();
  const { user } = useWorkspace();
  const errorText = useErrorText();
  const client = useQueryClient();
  const marks = useMarks(id);
  const tags = useTags();
  const [undo, setUndo] = useState<string | null>(null);
  const writes = user.role !== "viewer";
  const mine = marks.data?.tags ?? [];
  const refresh = () =>
    Promise.all(["customer", "tag", "tags"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  const hand = async (tag: string, way: "give" | "take", value?: unknown) => {
    try {
      const done = await handTag(tag, way, { customers: [id], ...(value === undefined ? {} : { value }) });
      setUndo(done.batch);
      await refresh();
    } catch (error) {
      message.error(errorText(error));
    }
  };
  const back = async () => {
    if (!undo) return;
    try {
      await undoBatch(undo);
      setUndo(null);
      await refresh();
    } catch (error) {
      message.error(errorText(error));
    }
  };
  const manual = (tags.data?.items ?? []).filter((row) => row.how === "manual" && row.live_version !== null);
  const open = manual.filter((row) => !mine.some((tag) => tag.id === row.id));
  if (!marks.data) return null;
  return (
    <div className="filters gap-below" role="group" aria-label={t("tag.title")}>
      {marks.data.stages.map((stage) => (
        <span key={stage.model} title={bi(stage.name)}>
          <Pill tone="sea">
            {bi(stage.name)}: {bi(stage.label)}
          </Pill>
        </span>
      ))}
      {mine.map((tag) => (
        <Chip
          key={tag.id}
          id={id}
          tag={tag}
          take={writes && tag.how === "manual" ? () => void hand(tag.id, "take") : undefined}
        />
      ))}
      {writes && open.length > 0 && <Add rows={open} give={(tag, value) => void hand(tag, "give", value)} />}
      {undo && (
        <Button size="small" type="link" onClick={() => void back()}>
          {t("action.undo")}
        </Button>
      )}
    </div>
  );
}
