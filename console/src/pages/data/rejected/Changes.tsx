/** What a change does to rows: each value that becomes another one, before and after. */

import { useText } from "../../../i18n";
import { difference } from "../../../lib/difference";

export function Changes({ rows }: { rows: { before: string; after: string }[] }) {
  const { t } = useText();
  const each = rows.map((row) => difference(row.before, row.after));
  const found = each.flatMap((leaves, row) => (leaves ?? []).map((leaf) => ({ ...leaf, key: `${row} ${leaf.path}` })));
  if (each.length > 0 && each.every((leaves) => leaves === null)) {
    return <p className="faint">{t("rejected.notJson")}</p>;
  }
  if (found.length === 0) return <p className="faint">{t("rejected.same")}</p>;
  return (
    <table className="plain-table changes">
      <thead>
        <tr>
          <th scope="col">{t("rejected.field")}</th>
          <th scope="col">{t("rejected.before")}</th>
          <th scope="col">{t("rejected.after")}</th>
        </tr>
      </thead>
      <tbody>
        {found.map((leaf) => (
          <tr key={leaf.key}>
            <td className="mono">{leaf.path}</td>
            <td className="mono">
              <del>{leaf.before ?? "–"}</del>
            </td>
            <td className="mono">
              <ins>{leaf.after ?? "–"}</ins>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
