/** A lookalike: how far down the ranking to go, what that promises, and the segment it makes. */

import { Button, Form, Input, Slider, Table } from "antd";
import { useState } from "react";

import type { LookalikeCard, Model, Reach } from "../../api/models";
import { category, tooltip, value } from "../../charts/options";
import { Chart } from "../../charts/Chart";
import { useText } from "../../i18n";
import { number, share } from "../../lib/format";
import { Section } from "../../ui/Section";
import { FeatureWeights } from "./FeatureWeights";
import { FigureText } from "./FigureText";
import { ModelPage } from "./ModelPage";

interface PartProps {
  card: LookalikeCard;
  use: (body: object) => void;
  busy: boolean;
  model: Model<LookalikeCard>;
}

function Audience({ card, use, busy, model }: PartProps) {
  const { t, language } = useText();
  const [place, setPlace] = useState(
    Math.max(
      0,
      card.curve.findIndex((row) => row.reach >= 0.05),
    ),
  );
  const [segment, setSegment] = useState(model.version?.segment ?? `like-${model.id}`);
  const row = card.curve[place] as Reach;
  const write = (x: number) => share(x, language);
  const marks = Object.fromEntries(card.curve.map((one, n) => [n, n % 3 === 0 ? share(one.reach, language) : ""]));
  return (
    <Section title={t("models.lookalike.audience")} help={t("models.lookalike.audienceHelp")}>
      <div className="halves">
        <div>
          <Form.Item label={t("models.lookalike.reach")} layout="vertical">
            <Slider
              min={0}
              max={card.curve.length - 1}
              step={1}
              marks={marks}
              value={place}
              onChange={setPlace}
              tooltip={{ formatter: (n) => share(card.curve[n ?? 0]?.reach, language) }}
              ariaLabelForHandle={t("models.lookalike.reach")}
            />
          </Form.Item>
          <div className="count-big" data-testid="audience-size">
            {number(row.size, language)}
          </div>
          <div className="faint">
            {t("models.lookalike.size", {
              reach: share(row.reach, language),
              candidates: number(card.data.candidates, language),
            })}
          </div>
        </div>
        <dl className="facts">
          <dt>{t("models.lookalike.precision")}</dt>
          <dd>
            <FigureText of={row.precision} write={write} />
          </dd>
          <dt>{t("models.lookalike.lift")}</dt>
          <dd>
            <FigureText of={row.lift} write={(x) => `${number(x, language, 1)}×`} />
          </dd>
          <dt>{t("models.lookalike.recall")}</dt>
          <dd>
            <FigureText of={row.recall} write={write} />
          </dd>
        </dl>
      </div>
      <Form layout="inline" onFinish={() => use({ reach: row.reach, segment })}>
        <Form.Item label={t("models.lookalike.segment")} htmlFor="lookalike-segment">
          <Input id="lookalike-segment" value={segment} onChange={(event) => setSegment(event.target.value)} />
        </Form.Item>
        <Button type="primary" htmlType="submit" disabled={busy || !/^[A-Za-z0-9][\w.-]*$/.test(segment)}>
          {t("models.lookalike.save")}
        </Button>
      </Form>
    </Section>
  );
}

function Curve({ card }: { card: LookalikeCard }) {
  const { t, language } = useText();
  const reaches = card.curve.map((row) => share(row.reach, language));
  const percent = (x: number) => Math.round(1000 * x) / 10;
  const line = (name: string, pick: (row: Reach) => number, dashed = false) => ({
    name,
    type: "line",
    symbol: dashed ? "none" : "circle",
    data: card.curve.map((row) => percent(pick(row))),
    lineStyle: { width: dashed ? 1 : 2.5, type: dashed ? "dashed" : "solid" },
  });
  return (
    <Section title={t("models.lookalike.curve")} help={t("models.lookalike.curveHelp")}>
      <Chart
        description={t("models.lookalike.curveWords")}
        option={{
          tooltip,
          legend: { top: 0, left: 0 },
          xAxis: category(reaches),
          yAxis: { ...value("%"), max: 100 },
          series: [
            line(t("models.lookalike.precision"), (row) => row.precision.estimate),
            line(t("models.lookalike.low"), (row) => row.precision.low, true),
            line(t("models.lookalike.high"), (row) => row.precision.high, true),
            line(t("models.lookalike.recall"), (row) => row.recall.estimate),
          ],
        }}
        table={{
          columns: [
            t("models.lookalike.reach"),
            t("models.lookalike.people"),
            t("models.lookalike.precision"),
            t("models.lookalike.lift"),
          ],
          rows: card.curve.map((row) => [
            share(row.reach, language),
            number(row.size, language),
            `${share(row.precision.estimate, language)} (${share(row.precision.low, language)} – ${share(row.precision.high, language)})`,
            `${number(row.lift.estimate, language, 2)} (${number(row.lift.low, language, 2)} – ${number(row.lift.high, language, 2)})`,
          ]),
        }}
      />
    </Section>
  );
}

function Check({ card }: { card: LookalikeCard }) {
  const { t, language } = useText();
  const rows = Object.entries(card.check.models).map(([name, one]) => ({ name, ...one }));
  return (
    <Section
      title={t("models.lookalike.check")}
      help={t("models.lookalike.checkHelp", { seeds: number(card.data.seeds, language), folds: card.check.folds })}
    >
      <Table
        rowKey="name"
        size="small"
        pagination={false}
        dataSource={rows}
        columns={[
          {
            key: "name",
            title: t("models.method"),
            render: (_, row) =>
              t(`models.methods.${row.name}`) + (row.name === card.model ? ` · ${t("models.lookalike.chosen")}` : ""),
          },
          {
            key: "auc",
            title: t("models.auc"),
            align: "right",
            render: (_, row) => <FigureText of={row.auc} write={(x) => number(x, language, 3)} />,
          },
        ]}
      />
    </Section>
  );
}

export default function Lookalike() {
  return (
    <ModelPage<LookalikeCard> kind="lookalike">
      {(card, use, busy, model) => (
        <>
          <Audience key={model.version?.version} card={card} use={use} busy={busy} model={model} />
          <Curve card={card} />
          <div className="halves">
            <Check card={card} />
            <FeatureWeights features={card.features} leftOut={card.left_out} />
          </div>
        </>
      )}
    </ModelPage>
  );
}
