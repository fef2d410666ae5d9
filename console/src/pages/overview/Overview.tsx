/** The loop on one page: five stages with their figures and freshness, and the days behind them. */

import { Link } from "react-router";

import { useDemo, useOverview } from "../../api/hooks";
import type { DemoState } from "../../api/types";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { Fresh } from "../../ui/Fresh";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { Daily } from "./Daily";
import { Loop } from "./Loop";
import { DemoProgress } from "./DemoProgress";

export default function Overview() {
  const { t } = useText();
  const { workspace } = useWorkspace();
  const overview = useOverview();
  const demo = useDemo(workspace.demo);
  const state: DemoState | null = demo.data ?? overview.data?.demo ?? null;
  return (
    <Page
      title={t("overview.title")}
      lead={t("overview.lead")}
      tags={overview.data && <Fresh asOf={overview.data.as_of} />}
    >
      <Asked answer={overview} rows={10}>
        {(data) => (
          <div className="stack">
            <Loop stages={data.stages} />
            {state && <DemoProgress state={state} />}
            <Section title={t("overview.daily")} help={t("overview.dailyHelp", { zone: workspace.zone })}>
              {data.daily.length > 0 ? (
                <Daily days={data.daily} currency={workspace.currency} />
              ) : (
                <Nothing
                  title={t("overview.noDays")}
                  help={t("overview.noDaysHelp")}
                  action={<Link to="/imports">{t("overview.toImports")}</Link>}
                />
              )}
            </Section>
          </div>
        )}
      </Asked>
    </Page>
  );
}
