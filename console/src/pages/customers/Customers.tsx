/** Who is there: search, a segment, a stage, a tag, an order - all in the address; columns as this reader wants them. */

import { SearchOutlined, SettingOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input, Popover, Select, type InputRef } from "antd";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";

import { useExactCount } from "../../api/customers";
import { type CustomerFilter, useCustomers, useDefinitions, useSegments } from "../../api/hooks";
import type { Bi, CustomerList } from "../../api/types";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { CursorPager } from "../../ui/CursorPager";
import { COLUMNS, CustomerTable } from "../../ui/CustomerTable";
import { Fresh } from "../../ui/Fresh";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import { useDebounced } from "../../ui/useDebounced";
import "./customers.css";

const STAGES = ["unaware", "aware", "interested", "buyer", "loyal", "dormant", "lost"];
const STORED = "homing.customers.columns";

function useColumns() {
  const [shown, setShown] = useState<readonly string[]>(() => {
    const stored = localStorage.getItem(STORED);
    return stored === null ? COLUMNS : COLUMNS.filter((key) => stored.split(",").includes(key));
  });
  const choose = (keys: readonly string[]) => {
    localStorage.setItem(STORED, keys.join(","));
    setShown(keys);
  };
  return [shown, choose] as const;
}

const TITLES: Record<(typeof COLUMNS)[number], string> = {
  stage: "customer.stage",
  rfm: "menu.rfm",
  orders: "metric.orders",
  revenue: "metric.revenue",
  last_order_at: "customer.lastOrder",
  last_seen_at: "customer.lastSeen",
  ids: "customer.ids",
};

function Columns({ shown, choose }: { shown: readonly string[]; choose: (keys: readonly string[]) => void }) {
  const { t } = useText();
  const list = (
    <Checkbox.Group
      className="columns"
      value={[...shown]}
      onChange={(keys) => choose(COLUMNS.filter((key) => keys.includes(key)))}
      options={COLUMNS.map((key) => ({ value: key, label: t(TITLES[key]) }))}
    />
  );
  return (
    <Popover content={list} trigger={["click"]} placement="bottomRight">
      <Button icon={<SettingOutlined aria-hidden />}>{t("customerList.columns")}</Button>
    </Popover>
  );
}

/** How many, as they were counted, or about how many until they are. */
function Count({ list, filter }: { list: CustomerList; filter: CustomerFilter }) {
  const { t, language } = useText();
  const exact = useExactCount(filter, !list.exact);
  const counted = list.exact ? list.total : exact.data?.exact ? exact.data.total : null;
  const about = number(Number((list.total ?? 0).toPrecision(2)), language);
  return (
    <span className="faint num" role="status">
      {counted !== null && counted !== undefined
        ? t("customerList.counted", { total: number(counted, language), count: counted })
        : t(exact.isFetching ? "customerList.about" : "customerList.aboutOnly", { total: about })}
    </span>
  );
}

/** Arrows walk through the names, from the search down and back up into it. */
function walk(event: KeyboardEvent, search: InputRef | null, list: HTMLElement | null) {
  const target = event.target as HTMLElement;
  const links = [...(list?.querySelectorAll<HTMLElement>(".customer-link") ?? [])];
  const at = target === search?.input ? -1 : links.indexOf(target);
  const down = event.key === "ArrowDown";
  if (at < 0 && (target !== search?.input || !down)) return;
  event.preventDefault();
  if (at === 0 && !down) search?.focus();
  else links[at + (down ? 1 : -1)]?.focus();
}

/** "/" searches, arrows walk, Enter follows a name. */
function useKeys(search: React.RefObject<InputRef | null>, list: React.RefObject<HTMLDivElement | null>) {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing = (event.target as HTMLElement).matches("input, textarea, select, [contenteditable]");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        search.current?.focus({ cursor: "all" });
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        walk(event, search.current, list.current);
      }
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [search, list]);
}

export default function Customers() {
  const { t, bi, code } = useText();
  const { get, set } = useAddress();
  const [typed, setTyped] = useState(get("q") ?? "");
  const [shown, choose] = useColumns();
  const search = useRef<InputRef>(null);
  const list = useRef<HTMLDivElement>(null);
  useKeys(search, list);
  const wanted = useDebounced(typed.trim());
  const q = get("q");
  const applied = useRef(wanted);
  useEffect(() => {
    if (applied.current === wanted) return; // only what was typed since: clearing is faster than typing settles
    applied.current = wanted;
    if ((q ?? "") !== wanted) set({ q: wanted || undefined, cursor: undefined }, true);
  }, [wanted, q, set]);
  const filter: CustomerFilter = {
    q,
    segment: get("segment"),
    stage: get("stage"),
    tag: get("tag"),
    sort: get("sort"),
    cursor: get("cursor"),
    limit: 50,
  };
  const customers = useCustomers(filter);
  const segments = useSegments();
  const tags = useDefinitions<{ id: string; name: Bi }>("tag");
  const filtered = Boolean(filter.q ?? filter.segment ?? filter.stage ?? filter.tag);
  const clear = () => {
    setTyped("");
    set({ q: undefined, segment: undefined, stage: undefined, tag: undefined, cursor: undefined });
  };
  const empty = filtered ? (
    <Nothing
      title={t("customer.noMatch")}
      help={t("customer.noMatchHelp")}
      action={<Button onClick={clear}>{t("customerList.clear")}</Button>}
    />
  ) : (
    <Nothing
      title={t("customer.none")}
      help={t("customer.noneHelp")}
      action={<Link to="/imports">{t("overview.toImports")}</Link>}
    />
  );
  const choice = (name: "segment" | "stage" | "tag", label: string, options: { value: string; label: string }[]) => (
    <Select
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      placeholder={label}
      aria-label={label}
      style={{ minWidth: 160 }}
      value={filter[name]}
      onChange={(value: string | undefined) => set({ [name]: value, cursor: undefined })}
      options={options}
    />
  );
  return (
    <Page title={t("customer.title")} lead={t("customer.lead")} tags={<Fresh asOf={customers.data?.as_of} />}>
      <div className="filters">
        <Input
          ref={search}
          allowClear
          prefix={<SearchOutlined aria-hidden />}
          placeholder={t("customer.search")}
          aria-label={t("customer.search")}
          aria-keyshortcuts="/"
          title={t("customerList.keys")}
          style={{ width: 340 }}
          maxLength={100}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {choice(
          "segment",
          t("customer.anySegment"),
          (segments.data?.items ?? []).map((one) => ({ value: one.id, label: bi(one.name) })),
        )}
        {choice(
          "stage",
          t("customerList.anyStage"),
          STAGES.map((one) => ({ value: one, label: code("lifecycle", one) })),
        )}
        {choice(
          "tag",
          t("customerList.anyTag"),
          (tags.data?.items ?? []).map((one) => ({ value: one.id, label: bi(one.name) || one.id })),
        )}
        {filtered && <Button onClick={clear}>{t("customerList.clear")}</Button>}
        <span className="grow" />
        <Columns shown={shown} choose={choose} />
      </div>
      <Asked answer={customers} rows={12}>
        {(data) => (
          <div ref={list} aria-busy={customers.isPlaceholderData}>
            <Section className="flush">
              <CustomerTable
                rows={data.items}
                shown={shown}
                loading={customers.isPlaceholderData}
                empty={empty}
                sort={filter.sort}
                onSort={(sort) => set({ sort, cursor: undefined })}
              />
              <CursorPager
                next={data.next}
                cursor={filter.cursor}
                total={<Count list={data} filter={filter} />}
                go={(cursor) => set({ cursor })}
              />
            </Section>
          </div>
        )}
      </Asked>
    </Page>
  );
}
