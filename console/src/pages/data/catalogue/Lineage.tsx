/** Left what a dataset comes from, right what stands on it; what sends or spends is marked. */

import { Link } from "react-router";

import type { Dataset } from "../../../api/catalogue";
import { useText } from "../../../i18n";
import { number } from "../../../lib/format";
import { Moment } from "../../../ui/Moment";
import { Pill, toneOf } from "../../../ui/Pill";
import { datasetPage, pageOf } from "./marks";

function Box(props: { to: string | null; kind: string; name: string; children?: React.ReactNode }) {
  const name = <strong>{props.name}</strong>;
  return (
    <li className="lineage-box">
      <span className="faint">{props.kind}</span>
      {props.to ? <Link to={props.to}>{name}</Link> : name}
      {props.children && <span className="faint">{props.children}</span>}
    </li>
  );
}

export function Lineage({ dataset }: { dataset: Dataset }) {
  const { t, bi, language } = useText();
  const before = dataset.delivered_by.length + dataset.made_from.length;
  const named = new Set(dataset.users.map((user) => `${user.kind}:${user.id}`));
  const makes = dataset.makes.filter((other) => !named.has(other.id));
  const behind = makes.length + dataset.users.length;
  const data = t("catalogue.name");
  return (
    <div className="lineage">
      <div>
        <h3>{t("catalogue.before")}</h3>
        {before === 0 && <p className="faint">{t("catalogue.nothingBefore")}</p>}
        <ul>
          {dataset.delivered_by.map((source) => (
            <Box
              key={source.id}
              to={datasetPage(`source:${source.id}`)}
              kind={t("definitionKind.source")}
              name={bi(source.name)}
            >
              {t("catalogue.delivers", { count: source.n, shown: number(source.n, language) })} ·{" "}
              <Moment at={source.last_seen} />
            </Box>
          ))}
          {dataset.made_from.map((other) => (
            <Box key={other.id} to={datasetPage(other.id)} kind={data} name={bi(other.label)} />
          ))}
        </ul>
      </div>
      <div className="lineage-self">
        <strong>{bi(dataset.label)}</strong>
        <span className="mono faint">{dataset.id}</span>
      </div>
      <div>
        <h3>{t("catalogue.behind")}</h3>
        {behind === 0 && <p className="faint">{t("catalogue.nothingBehind")}</p>}
        <ul>
          {makes.map((other) => (
            <Box key={other.id} to={datasetPage(other.id)} kind={data} name={bi(other.label)} />
          ))}
          {dataset.users.map((user) => (
            <Box
              key={`${user.kind}:${user.id}`}
              to={pageOf(user.kind, user.id)}
              kind={t(`definitionKind.${user.kind}`, { defaultValue: user.kind })}
              name={bi(user.name)}
            >
              <Pill tone={toneOf(user.status)}>{t(`journeyStatus.${user.status}`, { defaultValue: user.status })}</Pill>
              {user.acts && " "}
              {user.acts && <Pill tone="sea">{t("catalogue.acts")}</Pill>}
            </Box>
          ))}
        </ul>
      </div>
    </div>
  );
}
