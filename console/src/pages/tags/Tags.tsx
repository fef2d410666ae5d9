/** The catalogue of tags: how each comes about, how many have it, who answers for it, how far its approval is. */

import { type TagRow, useTags } from "../../api/marks";
import { useText } from "../../i18n";
import { durationWords, number, share } from "../../lib/format";
import { ListPage, NewOne } from "../../ui/ListPage";
import { Pill } from "../../ui/Pill";
import { Standing } from "./Standing";

const HOWS = ["rule", "model", "manual", "import"] as const;
const isDay = (text: string) => /^\d{4}-/.test(text);

function Coverage({ row }: { row: TagRow }) {
  const { t, language } = useText();
  return (
    <span title={t("tag.ofCustomers", { n: number(row.of, language) })}>
      {number(row.n, language)} <small className="faint">{share(row.share, language)}</small>
    </span>
  );
}

export default function Tags() {
  const { t, language } = useText();
  return (
    <ListPage
      title={t("tag.title")}
      lead={t("tag.lead")}
      answer={useTags()}
      to="/tags"
      action={<NewOne to="/tags/new" words={t("tag.create")} />}
      none={t("tag.none")}
      noneHelp={t("tag.noneHelp")}
      words={(row) => [row.category, row.owner]}
      choice={{
        key: "how",
        label: t("tag.how"),
        any: t("tag.anyHow"),
        options: HOWS.map((one) => ({ value: one, label: t(`tag.hows.${one}`) })),
        of: (row) => row.how,
      }}
      columns={[
        { key: "how", title: t("tag.how"), render: (_, row) => <Pill>{t(`tag.hows.${row.how}`)}</Pill> },
        {
          key: "value",
          title: t("tag.valueType"),
          render: (_, row) => (row.value_type ? t(`tag.types.${row.value_type}`) : t("tag.plain")),
        },
        {
          key: "n",
          title: t("tag.coverage"),
          align: "right",
          className: "num",
          sorter: (a, b) => a.n - b.n,
          render: (_, row) => <Coverage row={row} />,
        },
        { key: "category", title: t("tag.category"), render: (_, row) => row.category || "–" },
        { key: "owner", title: t("tag.owner"), render: (_, row) => row.owner || "–" },
        {
          key: "expires",
          title: t("tag.expires"),
          render: (_, { expires }) => (expires ? (isDay(expires) ? expires : durationWords(expires, language)) : "–"),
        },
        { key: "standing", title: t("tag.standing"), render: (_, row) => <Standing tag={row} /> },
      ]}
    />
  );
}
