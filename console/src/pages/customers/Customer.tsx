/** One customer: what is known, how it is known, what she received and what she did not. */

import { Alert, Tabs } from "antd";
import { Link, useParams } from "react-router";

import { useCustomer } from "../../api/hooks";
import type { Customer as CustomerData } from "../../api/types";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { money, number } from "../../lib/format";
import { Moment } from "../../ui/Moment";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Asked } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import { GroupsTab } from "./GroupsTab";
import { IdentityTab } from "./IdentityTab";
import { MarksBar } from "./MarksBar";
import { MessagesTab } from "./MessagesTab";
import { ProfileTab } from "./ProfileTab";
import { TimelineTab } from "./TimelineTab";
import "./customers.css";

function Head({ customer }: { customer: CustomerData }) {
  const { t, bi, language } = useText();
  const { currency } = useWorkspace().workspace;
  const { stats, churn } = customer;
  const tiles: [string, React.ReactNode, React.ReactNode][] = [
    [t("metric.orders"), number(stats?.orders, language), null],
    [t("metric.revenue"), money(stats?.revenue, currency, language), null],
    [t("customer.averageOrder"), money(stats?.average_order, currency, language), null],
    [t("customer.lastOrder"), <Moment key="last" at={stats?.last_order_at} />, null],
    [
      t("customer.churn"),
      churn?.risk === null || churn?.risk === undefined ? "–" : number(churn.risk, language, 2),
      bi(churn?.basis) || null,
    ],
  ];
  return (
    <div className="tiles gap-below">
      {tiles.map(([label, value, note]) => (
        <div className="tile" key={label}>
          <div className="tile-label">{label}</div>
          <div className="tile-value">{value}</div>
          {note && <div className="tile-note">{note}</div>}
        </div>
      ))}
    </div>
  );
}

export default function Customer() {
  const { t, code } = useText();
  const { id = "" } = useParams();
  const { get, set } = useAddress();
  const customer = useCustomer(id);
  const data = customer.data;
  const tags = data && (
    <>
      {data.stage && <Pill tone="sea">{code("lifecycle", data.stage)}</Pill>}
      {data.rfm && <Pill tone="lamp">{code("rfm", data.rfm.name)}</Pill>}
      {data.tags?.map((tag) => (
        <Pill key={tag}>{tag}</Pill>
      ))}
    </>
  );
  return (
    <Page
      title={data ? data.name || data.customer_id : t("customer.one")}
      crumbs={[{ to: "/customers", label: t("menu.customers") }]}
      tags={tags}
      lead={<span className="mono">{id}</span>}
    >
      <Asked answer={customer} rows={10}>
        {(found) => (
          <>
            {found.merged_into && (
              <Alert
                className="gap-below"
                type="info"
                showIcon
                title={
                  <>
                    {t("customer.merged")} <Link to={`/customers/${found.merged_into}`}>{found.merged_into}</Link>
                  </>
                }
              />
            )}
            <MarksBar id={found.customer_id} />
            <Head customer={found} />
            <Tabs
              activeKey={get("tab") ?? "profile"}
              onChange={(tab) => set({ tab: tab === "profile" ? undefined : tab }, true)}
              destroyOnHidden
              items={[
                { key: "profile", label: t("customer.profile"), children: <ProfileTab customer={found} /> },
                { key: "timeline", label: t("customer.timeline"), children: <TimelineTab id={id} /> },
                { key: "messages", label: t("customer.messages"), children: <MessagesTab id={id} /> },
                { key: "groups", label: t("customer.groups"), children: <GroupsTab id={id} /> },
                { key: "identity", label: t("customer.identity"), children: <IdentityTab id={id} /> },
              ]}
            />
          </>
        )}
      </Asked>
    </Page>
  );
}
