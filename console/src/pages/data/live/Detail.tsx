/** One arrival whole: the verdict in words, the item as it came, and the command that sends it again. */

import { useQuery } from "@tanstack/react-query";
import { Button, Typography } from "antd";
import { Link } from "react-router";

import { api } from "../../../api/client";
import type { components } from "../../../api/schema";
import type { LiveEvent, Rejected } from "../../../api/types";
import { useText } from "../../../i18n";
import { curlOf } from "../../../lib/curl";
import { Pill } from "../../../ui/Pill";
import { Asked } from "../../../ui/States";
import { Met } from "../rejected/Met";
import { placeIn } from "../rejected/place";
import type { Arrival } from "./arrival";

function Raw({ title, text, name }: { title: string; text: string; name: string }) {
  const { t } = useText();
  return (
    <section className="raw">
      <div className="raw-head">
        <h3>{title}</h3>
        <Typography.Text copyable={{ text, tooltips: [t("live.copy"), t("live.copied")] }} />
      </div>
      {/* it scrolls, so the keyboard must reach it */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="block" data-raw={name} tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}

function Curl({ raw, refused = false }: { raw: string; refused?: boolean }) {
  const { t } = useText();
  return (
    <>
      <Raw title={t("live.curl")} text={curlOf(window.location.origin, raw)} name="curl" />
      <p className="faint">{t(refused ? "live.curlAgain" : "live.curlHelp")}</p>
    </>
  );
}

function EventDetail({ event, follow }: { event: LiveEvent; follow: (id: string) => void }) {
  const { t, bi } = useText();
  const whole = useQuery({
    queryKey: ["event", event.offset],
    queryFn: () => api.get<components["schemas"]["EventWholeOut"]>(`/events/${event.offset}`),
  });
  return (
    <>
      {(event.violations ?? []).map((one) => (
        <p key={`${one.by}:${one.code}:${one.field}`}>
          <Pill tone="lamp">{one.code}</Pill> {bi(one.text)} {one.field && <code>{one.field}</code>}{" "}
          <span className="faint">{one.by}</span>
          {one.said && <span className="faint"> {one.said}</span>}
        </p>
      ))}
      {event.customer_id && (
        <p className="row">
          <Link to={`/customers/${encodeURIComponent(event.customer_id)}`}>{t("live.toCustomer")}</Link>
          <Button size="small" onClick={() => follow(event.customer_id ?? "")}>
            {t("live.follow")}
          </Button>
        </p>
      )}
      <Asked answer={whole} rows={8}>
        {({ call, ...shown }) => (
          <>
            <Raw title={t("live.asKept")} text={JSON.stringify(shown, null, 2)} name="event" />
            {call ? <Curl raw={call} /> : <p className="faint">{t("live.noCurl")}</p>}
          </>
        )}
      </Asked>
    </>
  );
}

function indented(body: string): string {
  // Indented only where nothing is lost by it: a number that JavaScript cannot hold stays as it came.
  try {
    const read: unknown = JSON.parse(body);
    return JSON.stringify(read) === body ? JSON.stringify(read, null, 2) : body;
  } catch {
    return body;
  }
}

function RejectedDetail({ item }: { item: Rejected }) {
  const { t, bi } = useText();
  const { reason } = item;
  const where = new URLSearchParams({ source: item.source, code: reason.code });
  return (
    <>
      <p className="reason">
        <strong>{bi(reason.text)}</strong>
      </p>
      <dl className="pairs">
        <dt>{t("live.code")}</dt>
        <dd>
          <Pill tone="bad">{reason.code}</Pill>
        </dd>
        {reason.field && (
          <>
            <dt>{t("live.field")}</dt>
            <dd>
              <code>{reason.field}</code>
            </dd>
          </>
        )}
        <dt>{t("live.said")}</dt>
        <dd>
          {reason.message}
          <Met reason={reason} />
        </dd>
        <dt>{t("live.place")}</dt>
        <dd>{placeIn(item.place, t)}</dd>
      </dl>
      <p>
        <Link to={`/rejected?${where}`}>{t("live.toRejected")}</Link>
      </p>
      {item.body ? (
        <Raw title={t("live.asCame")} text={indented(item.body)} name="item" />
      ) : (
        <p className="faint">{t("live.noBody")}</p>
      )}
      {reason.code === "encoding" ? (
        <p className="faint">{t("live.noCurlBytes")}</p>
      ) : item.body && (item.shape === "call" || item.place === "request") ? (
        <Curl raw={item.body} refused />
      ) : (
        <p className="faint">{t("live.noCurl")}</p>
      )}
    </>
  );
}

export function Detail({ arrival, follow }: { arrival: Arrival; follow: (id: string) => void }) {
  return arrival.verdict === "rejected" ? (
    <RejectedDetail item={arrival.item} />
  ) : (
    <EventDetail event={arrival.event} follow={follow} />
  );
}
