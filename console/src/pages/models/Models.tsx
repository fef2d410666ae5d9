/** Every model of a kind: what it is about, how good its newest version is, and the form of a new one. */

import { Progress } from "antd";
import { useState } from "react";

import { useModels, type Kind, type ModelRow } from "../../api/models";
import { useText } from "../../i18n";
import { ListPage, NewOne } from "../../ui/ListPage";
import { Moment } from "../../ui/Moment";
import { ModelForm } from "./ModelForm";
import { addressOf } from "./kinds";

function State({ one }: { one: ModelRow }) {
  const { t } = useText();
  if (one.job)
    return <Progress percent={Math.round(100 * one.job.share)} size="small" aria-label={t("models.underWay")} />;
  if (!one.version) return <>{t("models.untrained")}</>;
  return <>{one.version.scored_at ? t("models.written") : "–"}</>;
}

export function Models({ kind }: { kind: Kind }) {
  const { t } = useText();
  const [open, setOpen] = useState(false);
  return (
    <ListPage
      title={t(`models.${kind}.title`)}
      lead={t(`models.${kind}.lead`)}
      answer={useModels(kind)}
      to={addressOf[kind]}
      action={<NewOne onClick={() => setOpen(true)} words={t("models.create")} />}
      none={t(`models.${kind}.none`)}
      noneHelp={t(`models.${kind}.noneHelp`)}
      columns={[
        {
          key: "version",
          title: t("models.version"),
          align: "right",
          className: "num",
          render: (_, one) => one.version?.version ?? "–",
        },
        { key: "at", title: t("models.trained"), render: (_, one) => <Moment at={one.version?.created_at} /> },
        { key: "job", title: t("models.state"), width: 220, render: (_, one) => <State one={one} /> },
      ]}
    >
      {open && <ModelForm kind={kind} close={() => setOpen(false)} />}
    </ListPage>
  );
}
