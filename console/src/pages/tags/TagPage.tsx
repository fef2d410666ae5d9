/** One tag: what it says, how many have it by day, who approved it, who has it, and giving it by hand. */

import { App, Button, Input, Space, Timeline } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { useMaker } from "../../api/names";
import { type Tag, type TagDocument, dropTag, stepTag, useTag } from "../../api/marks";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { EVERYBODY } from "../../lib/tree";
import { number, share } from "../../lib/format";
import { Moment } from "../../ui/Moment";
import { Page } from "../../ui/Page";
import { Pill, type Tone } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, useErrorText } from "../../ui/States";
import { ByHand } from "./ByHand";
import { Holders } from "./Holders";
import { isAhead, Standing, toneOf } from "./Standing";
import { TagForm } from "./TagForm";
import { TagTrend } from "./TagTrend";

const BLANK: TagDocument = { kind: "tag", id: "", name: { en: "", zh: "" }, how: "rule", condition: EVERYBODY };

/** The rule in force, and where a newer version stands beside it, that one's: each with its version. */
function useRules(tag: Tag): { title: string; tone: Tone; said: string }[] {
  const { t, bi, language } = useText();
  const joined = (said: Tag["sentences"]) => said.map((one) => bi(one)).join(language === "zh" ? "；" : "; ");
  const live = tag.live_version;
  const inForce = live === null ? [] : [{ n: live, said: joined(tag.live_sentences), tone: "good" as const }];
  const ahead = isAhead(tag);
  if (!ahead && !joined(tag.live_sentences)) return [];
  return [
    ...inForce.map(({ n, ...rest }) => ({ title: t("tag.inForce", { n }), ...rest })),
    ...(ahead
      ? [
          {
            title: t("tag.newest", { standing: t(`tag.approvals.${tag.approval}`), n: tag.version }),
            tone: toneOf(tag),
            said: joined(tag.sentences),
          },
        ]
      : []),
  ];
}

function Facts({ tag }: { tag: Tag }) {
  const { t, language } = useText();
  const standing = useRules(tag);
  return (
    <>
      <div className="tiles gap-below">
        <div className="tile">
          <div className="tile-label">{t("tag.coverage")}</div>
          <div className="tile-value">{number(tag.n, language)}</div>
          <div className="tile-note">
            {t("tag.shareOf", { share: share(tag.share, language), n: number(tag.of, language) })}
          </div>
        </div>
        {tag.values.slice(0, 4).map((one) => (
          <div className="tile" key={String(one.value)}>
            <div className="tile-label">{String(one.value)}</div>
            <div className="tile-value">{number(one.n, language)}</div>
          </div>
        ))}
      </div>
      {standing.map(({ title, tone, said }) => (
        <p className="lead gap-below" key={title}>
          <Pill tone={tone}>{title}</Pill> {said || t("tag.noRule")}
        </p>
      ))}
    </>
  );
}

function Approvals({ tag }: { tag: Tag }) {
  const { t } = useText();
  const maker = useMaker();
  const { user } = useWorkspace();
  const { message } = App.useApp();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const step = async (way: "propose" | "approve" | "reject") => {
    setBusy(true);
    try {
      await stepTag(tag.id, way, note);
      setNote("");
      await Promise.all(["tag", "tags"].map((key) => client.invalidateQueries({ queryKey: [key] })));
      message.success(t(`tag.stepped.${way}`));
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const open = tag.live_version !== tag.version;
  return (
    <Section title={t("tag.approval")} help={t("tag.approvalHelp")} extra={<Standing tag={tag} />}>
      {open && user.role !== "viewer" && (
        <Space wrap className="gap-below">
          <Input
            style={{ width: 240, maxWidth: "100%" }}
            aria-label={t("tag.note")}
            placeholder={t("tag.note")}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          {tag.approval !== "proposed" && (
            <Button loading={busy} onClick={() => void step("propose")}>
              {t("tag.propose")}
            </Button>
          )}
          {tag.approval === "proposed" && user.role === "owner" && (
            <Button danger loading={busy} onClick={() => void step("reject")}>
              {t("tag.reject")}
            </Button>
          )}
          {user.role === "owner" && (
            <Button type="primary" loading={busy} onClick={() => void step("approve")}>
              {t("tag.approve")}
            </Button>
          )}
        </Space>
      )}
      {tag.approvals.length === 0 && <span className="faint">{t("tag.noSteps")}</span>}
      <Timeline
        items={tag.approvals.map((one) => ({
          key: `${one.version}-${one.at}`,
          content: (
            <>
              {t(`tag.approvals.${one.step}`)} · {t("tag.version", { n: one.version })} · {maker(one.by)} ·{" "}
              <Moment at={one.at} />
              {one.note && <div className="faint">{one.note}</div>}
            </>
          ),
        }))}
      />
    </Section>
  );
}

function Shown({ tag }: { tag: Tag }) {
  const { t, bi } = useText();
  const { message, modal } = App.useApp();
  const navigate = useNavigate();
  const client = useQueryClient();
  const errorText = useErrorText();
  const { user } = useWorkspace();
  const writes = user.role !== "viewer";
  const drop = () =>
    modal.confirm({
      title: t("tag.deleteAsk", { name: bi(tag.name) }),
      content: t("tag.deleteHelp"),
      okText: t("action.delete"),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await dropTag(tag.id);
          await client.invalidateQueries({ queryKey: ["tags"] });
          await navigate("/tags");
        } catch (error) {
          message.error(errorText(error));
        }
      },
    });
  return (
    <Page
      title={bi(tag.name)}
      crumbs={[{ to: "/tags", label: t("menu.tags") }]}
      tags={<Pill>{t(`tag.hows.${tag.how}`)}</Pill>}
      lead={
        <>
          <span className="mono">{tag.id}</span> {bi(tag.description)}
        </>
      }
      action={
        writes && (
          <Button danger onClick={drop}>
            {t("action.delete")}
          </Button>
        )
      }
    >
      <Facts tag={tag} />
      <div className="split gap-below">
        <div className="stack">
          <TagTrend id={tag.id} />
          {tag.live_document?.how === "manual" && <ByHand tag={tag} writes={writes} />}
          <Holders id={tag.id} />
        </div>
        <div className="stack">
          <Approvals tag={tag} />
          {tag.used_by.length > 0 && (
            <Section title={t("tag.usedBy")}>
              {tag.used_by.map((one) => (
                <div key={`${one.kind}-${one.id}`}>
                  {t(`definitionKind.${one.kind ?? ""}`, { defaultValue: one.kind })}{" "}
                  {one.kind === "segment" ? <Link to={`/segments/${one.id}`}>{one.id}</Link> : one.id}
                </div>
              ))}
            </Section>
          )}
        </div>
      </div>
      {writes && (
        <Section title={t("tag.definition")} help={t("tag.definitionHelp")}>
          <TagForm key={tag.version} saved={tag.document as unknown as TagDocument} isNew={false} />
        </Section>
      )}
    </Page>
  );
}

export default function TagPage() {
  const { t } = useText();
  const { id = "new" } = useParams();
  const tag = useTag(id === "new" ? null : id);
  if (tag.data && id !== "new") return <Shown tag={tag.data} />;
  return (
    <Page title={id === "new" ? t("tag.create") : t("tag.one")} crumbs={[{ to: "/tags", label: t("menu.tags") }]}>
      {id === "new" ? (
        <Section>
          <TagForm saved={BLANK} isNew />
        </Section>
      ) : (
        <Asked answer={tag}>{() => null}</Asked>
      )}
    </Page>
  );
}
