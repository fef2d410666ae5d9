/** A classifier: how well it told what it never saw, whether its chances mean what they say, and what they rest on. */

import { Table } from "antd";
import { Link } from "react-router";

import type { ClassificationCard } from "../../api/models";
import { useWorkspace } from "../../app/workspace";
import { Chart } from "../../charts/Chart";
import { category, tooltip, value } from "../../charts/options";
import { useText } from "../../i18n";
import { number, share, time } from "../../lib/format";
import { Section } from "../../ui/Section";
import { LeftOut } from "./LeftOut";
import { FigureText } from "./FigureText";
import { ModelPage } from "./ModelPage";
import { segmentOf } from "./kinds";

function Tested({ card }: { card: ClassificationCard }) {
  const { t, language } = useText();
  const { zone } = useWorkspace().workspace;
  const { metrics, data } = card;
  const plain = (x: number) => number(x, language, 3);
  return (
    <Section
      title={t("models.classification.tested")}
      help={t(`models.classification.split.${card.split}`, {
        n: number(data.test.n, language),
        positives: number(data.test.positives, language),
        at: time(data.test.label_at, language, zone),
      })}
    >
      <dl className="facts">
        <dt>{t("models.auc")}</dt>
        <dd>
          <FigureText of={metrics.auc} write={plain} />
        </dd>
        <dt>{t("models.classification.ap")}</dt>
        <dd>
          <FigureText of={metrics.average_precision} write={plain} />
        </dd>
        <dt>{t("models.classification.brier", { base: plain(metrics.brier_of_base_rate) })}</dt>
        <dd>
          <FigureText of={metrics.brier} write={plain} />
        </dd>
        <dt>{t("models.classification.base")}</dt>
        <dd>
          <FigureText of={metrics.base_rate} write={(x) => share(x, language)} />
        </dd>
      </dl>
      <Table
        rowKey="share"
        size="small"
        pagination={false}
        dataSource={metrics.tops}
        columns={[
          { key: "top", title: t("models.classification.top"), render: (_, row) => share(row.share, language) },
          {
            key: "p",
            title: t("models.classification.precision"),
            align: "right",
            render: (_, row) => <FigureText of={row.precision} write={(x) => share(x, language)} />,
          },
          {
            key: "l",
            title: t("models.classification.times"),
            align: "right",
            render: (_, row) => <FigureText of={row.lift} write={(x) => `${number(x, language, 1)}×`} />,
          },
          {
            key: "r",
            title: t("models.classification.recall"),
            align: "right",
            render: (_, row) => <FigureText of={row.recall} write={(x) => share(x, language)} />,
          },
        ]}
      />
    </Section>
  );
}

function Calibration({ card }: { card: ClassificationCard }) {
  const { t, language } = useText();
  const told = card.calibration.map((row) => share(row.told, language));
  const percent = (x: number) => Math.round(1000 * x) / 10;
  return (
    <Section title={t("models.classification.calibration")} help={t("models.classification.calibrationHelp")}>
      <Chart
        description={t("models.classification.calibrationWords")}
        height={260}
        option={{
          tooltip,
          legend: { top: 0, left: 0 },
          xAxis: category(told),
          yAxis: value("%"),
          series: [
            {
              name: t("models.classification.was"),
              type: "bar",
              data: card.calibration.map((row) => percent(row.was.estimate)),
            },
            {
              name: t("models.classification.told"),
              type: "line",
              data: card.calibration.map((row) => percent(row.told)),
            },
          ],
        }}
        table={{
          columns: [t("models.classification.told"), t("models.classification.was"), "n"],
          rows: card.calibration.map((row) => [
            share(row.told, language),
            `${share(row.was.estimate, language)} (${share(row.was.low, language)} – ${share(row.was.high, language)})`,
            number(row.was.n, language),
          ]),
        }}
      />
    </Section>
  );
}

function Importance({ card }: { card: ClassificationCard }) {
  const { t, bi, language } = useText();
  const most = Math.max(...card.features.map((one) => one.importance), 1e-9);
  return (
    <Section title={t("models.importance")} help={t("models.importanceHelp")}>
      <Table
        rowKey="feature"
        size="small"
        pagination={false}
        dataSource={card.features.slice(0, 12)}
        columns={[
          { key: "label", title: t("models.feature"), render: (_, one) => bi(one.label) },
          {
            key: "bar",
            title: t("models.lost"),
            width: "50%",
            render: (_, one) => (
              <div className="weight">
                <span
                  aria-hidden
                  className="weight-bar"
                  style={{ width: `${(60 * Math.max(0, one.importance)) / most}%` }}
                />
                <span className="num">
                  {number(one.importance, language, 4)}{" "}
                  <span className="faint">
                    {number(one.low, language, 4)} – {number(one.high, language, 4)}
                  </span>
                </span>
              </div>
            ),
          },
        ]}
      />
      <LeftOut features={card.left_out} />
    </Section>
  );
}

/** What its chances are good for: a segment of the likeliest, once they are written. */
function Used({ trait, written }: { trait: string; written: boolean }) {
  const { t } = useText();
  return (
    <Section
      title={t("models.classification.use")}
      help={written ? t("models.classification.useHelp", { trait }) : t("models.classification.useFirst")}
    >
      {written && (
        <Link to={segmentOf({ type: "top", trait, n: 100, order: "highest" })}>{t("models.makeSegment")}</Link>
      )}
    </Section>
  );
}

export default function Classification() {
  return (
    <ModelPage<ClassificationCard> kind="classification">
      {(card, _use, _busy, model) => (
        <>
          <Tested card={card} />
          <Used trait={model.trait ?? ""} written={Boolean(model.version?.scored_at)} />
          <div className="halves">
            <Calibration card={card} />
            <Importance card={card} />
          </div>
        </>
      )}
    </ModelPage>
  );
}
