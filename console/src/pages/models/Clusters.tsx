/** The kinds of customers: how many were tried and why this many, what sets each apart, what moved since the last run. */

import { Alert, Space, Table, Tag } from "antd";
import { Link } from "react-router";

import type { Cluster, ClusterCard } from "../../api/models";
import { useText } from "../../i18n";
import { number, share, signed } from "../../lib/format";
import { Section } from "../../ui/Section";
import { ModelPage } from "./ModelPage";
import { segmentOf } from "./kinds";

/** `trait`: what holds everybody's kind, once it is written to them. */
function Kind({ one, trait }: { one: Cluster; trait: string | null }) {
  const { t, bi, language } = useText();
  return (
    <Section
      title={bi(one.name)}
      extra={
        <Space>
          {trait && (
            <Link to={segmentOf({ type: "trait", name: trait, op: "eq", value: one.id })}>
              {t("models.makeSegment")}
            </Link>
          )}
          <Tag>{one.id}</Tag>
        </Space>
      }
    >
      <div className="count-big">{number(one.size, language)}</div>
      <div className="faint">{t("models.clustering.share", { share: share(one.share, language) })}</div>
      <Table
        rowKey="feature"
        size="small"
        pagination={false}
        dataSource={one.apart.slice(0, 5)}
        columns={[
          { key: "label", title: t("models.feature"), render: (_, row) => bi(row.label) },
          {
            key: "group",
            title: t("models.clustering.here"),
            align: "right",
            className: "num",
            render: (_, row) =>
              row.unit === "flag" || row.unit === "share" ? share(row.group, language) : number(row.group, language, 1),
          },
          {
            key: "others",
            title: t("models.clustering.elsewhere"),
            align: "right",
            className: "num",
            render: (_, row) =>
              row.unit === "flag" || row.unit === "share"
                ? share(row.others, language)
                : number(row.others, language, 1),
          },
          {
            key: "effect",
            title: t("models.effect"),
            align: "right",
            className: "num",
            render: (_, row) => signed(row.effect, language),
          },
        ]}
      />
    </Section>
  );
}

function Tried({ card }: { card: ClusterCard }) {
  const { t, language } = useText();
  return (
    <Section title={t("models.clustering.tried")} help={t("models.clustering.triedHelp")}>
      {!card.steady && <Alert type="warning" showIcon className="gap-below" title={t("models.clustering.unsteady")} />}
      <Table
        rowKey="k"
        size="small"
        pagination={false}
        dataSource={card.tried}
        columns={[
          {
            key: "k",
            title: t("models.clustering.k"),
            render: (_, row) => (row.k === card.k ? <strong>{row.k} ✓</strong> : row.k),
          },
          {
            key: "j",
            title: t("models.clustering.jaccard"),
            align: "right",
            className: "num",
            render: (_, row) => number(row.jaccard, language, 2),
          },
          {
            key: "r",
            title: t("models.clustering.rand"),
            align: "right",
            className: "num",
            render: (_, row) => number(row.rand, language, 2),
          },
          {
            key: "s",
            title: t("models.clustering.silhouette"),
            align: "right",
            className: "num",
            render: (_, row) => number(row.silhouette, language, 2),
          },
        ]}
      />
    </Section>
  );
}

function Moved({ card }: { card: ClusterCard }) {
  const { t, language } = useText();
  const { drift } = card;
  if (!drift) return null;
  return (
    <Section title={t("models.clustering.drift")} help={t("models.clustering.driftHelp")}>
      <dl className="facts">
        <dt>{t("models.clustering.stayed")}</dt>
        <dd className="num">{share(drift.stayed, language)}</dd>
        <dt>{t("models.clustering.psi")}</dt>
        <dd className="num">{number(drift.stability_index, language, 3)}</dd>
      </dl>
      <Table
        rowKey="id"
        size="small"
        pagination={false}
        dataSource={drift.sizes}
        columns={[
          { key: "id", title: t("models.clustering.one"), render: (_, row) => row.id },
          {
            key: "then",
            title: t("models.clustering.then"),
            align: "right",
            className: "num",
            render: (_, row) => share(row.then, language),
          },
          {
            key: "now",
            title: t("models.clustering.now"),
            align: "right",
            className: "num",
            render: (_, row) => share(row.now, language),
          },
        ]}
      />
    </Section>
  );
}

export default function Clusters() {
  return (
    <ModelPage<ClusterCard> kind="clustering">
      {(card, _use, _busy, model) => (
        <>
          <div className="halves">
            {card.clusters.map((one) => (
              <Kind key={one.id} one={one} trait={model.version?.scored_at ? (model.trait ?? null) : null} />
            ))}
          </div>
          <div className="halves">
            <Tried card={card} />
            <Moved card={card} />
          </div>
        </>
      )}
    </ModelPage>
  );
}
