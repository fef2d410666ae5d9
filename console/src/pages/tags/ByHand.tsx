/** Give a tag to many, or take it: see whom it would change, do it, take it back. */

import { App, Button, Form, Input, Modal, Segmented, Select, Table } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { useMaker } from "../../api/names";
import { useSegments } from "../../api/hooks";
import { type Batch, type Handed, type Tag, type TagDocument, handTag, undoBatch, useBatches } from "../../api/marks";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { Moment } from "../../ui/Moment";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing, useErrorText } from "../../ui/States";

function useRefresh() {
  const client = useQueryClient();
  return () => Promise.all(["tag", "tags", "customer"].map((key) => client.invalidateQueries({ queryKey: [key] })));
}

interface HandAsked {
  way: "give" | "take";
  ids: string;
  segment: string | undefined;
  typed: string;
}

type Values = TagDocument["value"];

function bodyOf(asked: HandAsked, value: Values): Record<string, unknown> {
  const { way, ids, segment, typed } = asked;
  const said = value?.type === "number" ? Number(typed) : value?.type === "bool" ? typed === "true" : typed;
  return {
    customers: segment ? [] : ids.split(/[\s,;，；]+/).filter(Boolean),
    segment,
    ...(value && way === "give" ? { value: said } : {}),
  };
}

function isWhole({ way, ids, segment, typed }: HandAsked, value: Values): boolean {
  return Boolean(segment ?? ids.trim()) && (!value || way === "take" || typed !== "");
}

function ValueField({ value, typed, set }: { value: Values; typed: string; set: (typed: string) => void }) {
  const { t } = useText();
  const options = value?.type === "bool" ? ["true", "false"] : value?.options;
  return (
    <Form.Item label={t("tag.value")} htmlFor="hand-value">
      {options?.length ? (
        <Select
          id="hand-value"
          value={typed || undefined}
          onChange={set}
          options={options.map((one) => ({ value: one, label: one }))}
        />
      ) : (
        <Input id="hand-value" value={typed} onChange={(event) => set(event.target.value)} />
      )}
    </Form.Item>
  );
}

function Fields({ asked, value, set }: { asked: HandAsked; value: Values; set: (part: Partial<HandAsked>) => void }) {
  const { t, bi } = useText();
  const segments = useSegments();
  return (
    <Form layout="vertical">
      <Segmented<"give" | "take">
        aria-label={t("tag.way")}
        className="gap-below"
        value={asked.way}
        onChange={(way) => set({ way })}
        options={(["give", "take"] as const).map((one) => ({ value: one, label: t(`tag.do.${one}`) }))}
      />
      <Form.Item label={t("tag.ofSegment")} htmlFor="hand-segment">
        <Select
          id="hand-segment"
          allowClear
          value={asked.segment}
          onChange={(segment: string | undefined) => set({ segment })}
          options={(segments.data?.items ?? []).map((one) => ({ value: one.id, label: bi(one.name) }))}
        />
      </Form.Item>
      {!asked.segment && (
        <Form.Item label={t("tag.ofThese")} htmlFor="hand-ids" extra={t("tag.idsHelp")}>
          <Input.TextArea
            id="hand-ids"
            rows={4}
            value={asked.ids}
            onChange={(event) => set({ ids: event.target.value })}
          />
        </Form.Item>
      )}
      {value && asked.way === "give" && (
        <ValueField value={value} typed={asked.typed} set={(typed) => set({ typed })} />
      )}
    </Form>
  );
}

function Dialog({ tag, close }: { tag: Tag; close: () => void }) {
  const { t, language } = useText();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const refresh = useRefresh();
  const [asked, setAsked] = useState<HandAsked>({ way: "give", ids: "", segment: undefined, typed: "" });
  const [seen, setSeen] = useState<Handed | null>(null);
  const [busy, setBusy] = useState(false);
  const value = (tag.live_document as unknown as TagDocument | null)?.value;
  const ask = async (dry: boolean) => {
    setBusy(true);
    try {
      const done = await handTag(tag.id, asked.way, { ...bodyOf(asked, value), dry_run: dry });
      if (dry) {
        setSeen(done);
        return;
      }
      await refresh();
      message.success(t("tag.done", { n: number(done.changed, language) }));
      close();
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={t("tag.byHand")}
      onCancel={close}
      footer={[
        <Button key="see" disabled={!isWhole(asked, value)} loading={busy} onClick={() => void ask(true)}>
          {t("tag.preview")}
        </Button>,
        <Button key="do" type="primary" disabled={!seen?.changed} loading={busy} onClick={() => void ask(false)}>
          {t(`tag.do.${asked.way}`)}
        </Button>,
      ]}
    >
      <Fields
        asked={asked}
        value={value}
        set={(part) => {
          setSeen(null);
          setAsked({ ...asked, ...part });
        }}
      />
      {seen && (
        <p role="status">
          {t("tag.wouldChange", {
            changed: number(seen.changed, language),
            same: number(seen.same, language),
            unknown: number(seen.unknown.length, language),
          })}
        </p>
      )}
    </Modal>
  );
}

export function ByHand({ tag, writes }: { tag: Tag; writes: boolean }) {
  const { t, language } = useText();
  const maker = useMaker();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const refresh = useRefresh();
  const batches = useBatches(tag.id, true);
  const [open, setOpen] = useState(false);
  const undo = async (batch: string) => {
    try {
      const done = await undoBatch(batch);
      await refresh();
      message.success(t("tag.undone", { n: number(done.changed, language) }));
    } catch (error) {
      message.error(errorText(error));
    }
  };
  return (
    <Section
      title={t("tag.byHand")}
      help={t("tag.byHandHelp")}
      extra={
        writes && (
          <Button type="primary" onClick={() => setOpen(true)}>
            {t("tag.giveOrTake")}
          </Button>
        )
      }
    >
      {open && <Dialog tag={tag} close={() => setOpen(false)} />}
      <Asked answer={batches} rows={2}>
        {(data) => (
          <Table<Batch>
            rowKey="batch"
            size="small"
            dataSource={data.items}
            pagination={false}
            scroll={{ x: "max-content" }}
            locale={{ emptyText: <Nothing title={t("tag.noBatches")} /> }}
            columns={[
              { key: "way", title: t("tag.way"), render: (_, row) => t(`tag.do.${row.way}`) },
              {
                key: "n",
                title: t("tag.people"),
                align: "right",
                className: "num",
                render: (_, row) => number(row.n, language),
              },
              { key: "at", title: t("tag.since"), render: (_, row) => <Moment at={row.at} /> },
              { key: "by", title: t("tag.by"), render: (_, row) => maker(row.by) },
              {
                key: "undo",
                title: "",
                render: (_, row) =>
                  row.undone ? (
                    <Pill>{t("tag.wasUndone")}</Pill>
                  ) : (
                    writes && (
                      <Button size="small" type="text" onClick={() => void undo(row.batch)}>
                        {t("action.undo")}
                      </Button>
                    )
                  ),
              },
            ]}
          />
        )}
      </Asked>
    </Section>
  );
}
