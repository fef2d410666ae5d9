/** The saved segments, each as its sentence with its count. */

import { Link } from "react-router";

import { useSegments } from "../../api/hooks";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { ListPage, NewOne } from "../../ui/ListPage";
import { Moment } from "../../ui/Moment";

export default function Segments() {
  const { t, bi, language } = useText();
  return (
    <ListPage
      title={t("segment.title")}
      lead={t("segment.lead")}
      answer={useSegments()}
      to="/segments"
      action={<NewOne to="/segments/new" words={t("segment.create")} />}
      none={t("segment.none")}
      noneHelp={t("segment.noneHelp")}
      words={(row) => [bi(row.sentence)]}
      columns={[
        {
          key: "sentence",
          title: t("segment.who"),
          render: (_, row) => <div className="list-says">{bi(row.sentence)}</div>,
        },
        {
          key: "count",
          title: t("segment.people"),
          align: "right",
          className: "num",
          sorter: (a, b) => (a.count ?? 0) - (b.count ?? 0),
          render: (_, row) => (
            <Link to={`/customers?segment=${encodeURIComponent(row.id)}`}>{number(row.count, language)}</Link>
          ),
        },
        { key: "as_of", title: t("customer.asOf"), render: (_, row) => <Moment at={row.as_of} /> },
      ]}
    />
  );
}
