/** Two customers side by side: what agrees, what does not, and how much each comparison weighs. */

import { Button, Checkbox, Space } from "antd";
import { useEffect, useRef } from "react";
import { Link } from "react-router";

import { useMaker } from "../../api/names";
import type { LinkAnswer, LinkPair } from "../../api/linkage";
import { useText } from "../../i18n";
import { likely, number } from "../../lib/format";
import { Moment } from "../../ui/Moment";
import { Pill } from "../../ui/Pill";
import "./linkage.css";

const STRONG = 12; // bits that fill the bar

interface Props {
  pair: LinkPair;
  current: boolean;
  chosen: boolean;
  busy: boolean;
  onChoose?: (chosen: boolean) => void;
  onAnswer?: (answer: LinkAnswer) => void;
}

function Weight({ bits }: { bits: number }) {
  const { language } = useText();
  const share = Math.min(Math.abs(bits) / STRONG, 1) * 50;
  const tone = bits > 0 ? "for" : "against";
  return (
    <div className="weight">
      <span className="weight-track" aria-hidden="true">
        <span
          className={`weight-bar weight-${tone}`}
          style={bits > 0 ? { left: "50%", width: `${share}%` } : { right: "50%", width: `${share}%` }}
        />
      </span>
      <span className="num">{`${bits > 0 ? "+" : ""}${number(bits, language, 1)}`}</span>
    </div>
  );
}

function Head({ side, other }: { side: LinkPair["a"]; other?: boolean }) {
  const { t, language } = useText();
  return (
    <th scope="col" className={other ? "pair-b" : "pair-a"}>
      <Link to={`/customers/${side.customer_id}`}>{side.name ?? side.customer_id}</Link>
      <div className="faint">
        {side.source} · {t("linkage.orders", { count: side.orders, n: number(side.orders, language) })} ·{" "}
        <Moment at={side.last_seen_at} />
      </div>
    </th>
  );
}

export function PairCard({ pair, current, chosen, busy, onChoose, onAnswer }: Props) {
  const { t, bi, language } = useText();
  const maker = useMaker();
  const told = pair.comparisons.filter((row) => row.a.length > 0 || row.b.length > 0);
  const card = useRef<HTMLElement>(null);
  const seen = useRef(current);
  useEffect(() => {
    // The keys answer the current pair: it is never answered unseen.
    if (current && !seen.current) card.current?.scrollIntoView({ block: "nearest" });
    seen.current = current;
  }, [current]);
  const name = `${pair.a.name ?? pair.a.customer_id} – ${pair.b.name ?? pair.b.customer_id}`;
  return (
    <section
      ref={card}
      className={`section pair ${current ? "pair-current" : ""}`}
      aria-label={name}
      aria-current={current || undefined}
    >
      <div className="section-head">
        <Space>
          {onChoose && (
            <Checkbox aria-label={name} checked={chosen} onChange={(event) => onChoose(event.target.checked)} />
          )}
          <strong className="num">{t("linkage.likely", { share: likely(pair.probability, language) })}</strong>
          <Pill tone={pair.why === "likely" ? "good" : "lamp"}>{t(`linkage.why.${pair.why}`)}</Pill>
        </Space>
        {pair.status === "open" ? (
          onAnswer && (
            <Space>
              <Button size="small" type="primary" disabled={busy} onClick={() => onAnswer("accept")}>
                {t("linkage.accept")}
              </Button>
              <Button size="small" disabled={busy} onClick={() => onAnswer("reject")}>
                {t("linkage.reject")}
              </Button>
            </Space>
          )
        ) : (
          <Space wrap>
            <span className="faint">
              {maker(pair.decided_by)} <Moment at={pair.decided_at} />
            </span>
            {pair.status === "accepted" && (
              <Link to={`/customers/${pair.a.today}?tab=identity`}>{t("linkage.seeJoined")}</Link>
            )}
            {pair.status === "impossible" && <Link to="/identities">{t("linkage.seeConflicts")}</Link>}
            {pair.status === "rejected" && onAnswer && (
              <Button size="small" disabled={busy} onClick={() => onAnswer("accept")}>
                {t("linkage.afterAll")}
              </Button>
            )}
          </Space>
        )}
      </div>
      <div className="pair-scroll">
        <table className="pair-table">
          <thead>
            <tr>
              <th scope="col">{t("linkage.compared")}</th>
              <Head side={pair.a} />
              <Head side={pair.b} other />
              <th scope="col">{t("linkage.weight")}</th>
            </tr>
          </thead>
          <tbody>
            {told.map((row) => (
              <tr key={row.name} className={row.weight > 0 ? "agrees" : row.weight < 0 ? "differs" : "lacking"}>
                <th scope="row">{bi(row.label)}</th>
                <td>{row.a.join(" · ") || "–"}</td>
                <td>{row.b.join(" · ") || "–"}</td>
                <td>
                  <Weight bits={row.weight} />
                </td>
              </tr>
            ))}
            <tr className="lacking">
              <th scope="row">{t("linkage.prior")}</th>
              <td colSpan={2} className="faint">
                {t("linkage.priorHelp")}
              </td>
              <td>
                <Weight bits={pair.prior} />
              </td>
            </tr>
          </tbody>
        </table>
      </div>
    </section>
  );
}
