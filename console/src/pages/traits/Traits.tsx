/** Every defined trait: what it measures, how many customers have a value, how fresh that is, who answers for it. */

import { AppstoreAddOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";

import { GROUPS, isCounting, type TraitRow, useTraits } from "../../api/traits";
import { useText } from "../../i18n";
import { number, share } from "../../lib/format";
import { ListPage, NewOne } from "../../ui/ListPage";
import { Pill } from "../../ui/Pill";
import { Presets } from "./Presets";

function Coverage({ row }: { row: TraitRow }) {
  const { t, language } = useText();
  if (isCounting(row)) return <span className="faint">{t("traits.counting")}</span>;
  if (!row.coverage || row.coverage.share === null) return <>–</>;
  return (
    <span className="num">
      {share(row.coverage.share, language)}{" "}
      <small className="faint">
        {number(row.coverage.n, language)} / {number(row.coverage.total, language)}
      </small>
    </span>
  );
}

export default function Traits() {
  const { t, bi } = useText();
  const [choosing, setChoosing] = useState(false);
  return (
    <ListPage
      title={t("traits.title")}
      lead={t("traits.lead")}
      answer={useTraits()}
      to="/traits"
      action={
        <NewOne to="/traits/new" words={t("traits.create")}>
          <Button icon={<AppstoreAddOutlined aria-hidden />} onClick={() => setChoosing(true)}>
            {t("traits.addPreset")}
          </Button>
        </NewOne>
      }
      none={t("traits.none")}
      noneHelp={t("traits.noneHelp")}
      words={(row) => [row.owner, bi(row.sentence)]}
      choice={{
        key: "group",
        label: t("traits.group"),
        any: t("traits.anyGroup"),
        options: GROUPS.map((one) => ({ value: one, label: t(`traits.groups.${one}`) })),
        of: (row) => row.group,
      }}
      dated
      columns={[
        {
          key: "sentence",
          title: t("traits.says"),
          render: (_, row) => <div className="list-says">{bi(row.sentence)}</div>,
        },
        {
          key: "group",
          title: t("traits.group"),
          render: (_, row) => <Pill>{t(`traits.groups.${row.group}`)}</Pill>,
        },
        { key: "type", title: t("traits.type"), render: (_, row) => t(`traits.types.${row.type}`) },
        {
          key: "coverage",
          title: t("traits.coverage"),
          align: "right",
          sorter: (a, b) => (a.coverage?.n ?? 0) - (b.coverage?.n ?? 0),
          render: (_, row) => <Coverage row={row} />,
        },
        { key: "owner", title: t("traits.owner"), render: (_, row) => row.owner || "–" },
        {
          key: "used",
          title: t("traits.usedBy"),
          align: "right",
          render: (_, row) => (row.used_by.length ? row.used_by.length : "–"),
        },
      ]}
    >
      {choosing && <Presets close={() => setChoosing(false)} />}
    </ListPage>
  );
}
