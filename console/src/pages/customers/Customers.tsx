/** Who is there: search, a segment, an order - all in the address. */

import { SearchOutlined } from "@ant-design/icons";
import { Input, Select } from "antd";
import { useEffect, useState } from "react";
import { Link } from "react-router";

import { useCustomers, useSegments } from "../../api/hooks";
import { useText } from "../../i18n";
import { CursorPager } from "../../ui/CursorPager";
import { CustomerTable } from "../../ui/CustomerTable";
import { Fresh } from "../../ui/Fresh";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import { useDebounced } from "../../ui/useDebounced";

export default function Customers() {
  const { t, bi } = useText();
  const { get, set } = useAddress();
  const [typed, setTyped] = useState(get("q") ?? "");
  const wanted = useDebounced(typed.trim());
  const q = get("q");
  useEffect(() => {
    if ((q ?? "") !== wanted) set({ q: wanted, cursor: undefined }, true);
  }, [wanted, q, set]);
  const filter = { q, segment: get("segment"), sort: get("sort"), cursor: get("cursor"), limit: 50 };
  const customers = useCustomers(filter);
  const segments = useSegments();
  const filtered = Boolean(filter.q ?? filter.segment);
  const empty = filtered ? (
    <Nothing title={t("customer.noMatch")} help={t("customer.noMatchHelp")} />
  ) : (
    <Nothing
      title={t("customer.none")}
      help={t("customer.noneHelp")}
      action={<Link to="/imports">{t("overview.toImports")}</Link>}
    />
  );
  return (
    <Page title={t("customer.title")} lead={t("customer.lead")} tags={<Fresh asOf={customers.data?.as_of} />}>
      <div className="filters">
        <Input
          allowClear
          prefix={<SearchOutlined aria-hidden />}
          placeholder={t("customer.search")}
          aria-label={t("customer.search")}
          style={{ width: 340 }}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Select
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          placeholder={t("customer.anySegment")}
          aria-label={t("customer.anySegment")}
          style={{ minWidth: 220 }}
          value={filter.segment}
          onChange={(segment: string | undefined) => set({ segment, cursor: undefined })}
          options={segments.data?.items.map((segment) => ({ value: segment.id, label: bi(segment.name) }))}
        />
      </div>
      <Asked answer={customers} rows={12}>
        {(data) => (
          <Section className="flush">
            <CustomerTable
              rows={data.items}
              loading={customers.isPlaceholderData}
              empty={empty}
              sort={filter.sort}
              onSort={(sort) => set({ sort, cursor: undefined })}
            />
            <CursorPager next={data.next} cursor={filter.cursor} total={data.total} go={(cursor) => set({ cursor })} />
          </Section>
        )}
      </Asked>
    </Page>
  );
}
