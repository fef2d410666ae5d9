/** A page that lists what there is: narrowed by words and by one choice, both in the address; empty is said two ways. */

import { PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select, Space, Table, type TableColumnsType } from "antd";
import type { ReactNode } from "react";
import { Link, useNavigate } from "react-router";

import type { Bi } from "../api/types";
import { useWorkspace } from "../app/workspace";
import { useText } from "../i18n";
import { Fresh } from "./Fresh";
import { Page } from "./Page";
import { Section } from "./Section";
import { Asked, Nothing, type Answer } from "./States";
import { useAddress } from "./useAddress";

const A_PAGE = 50;

interface Row {
  id: string;
  name: Bi;
}

interface Choice<R> {
  /** Its name in the address. */
  key: string;
  label: string;
  any: string;
  options: { value: string; label: string }[];
  of: (row: R) => string;
}

interface Props<R extends Row> {
  title: string;
  lead: string;
  action?: ReactNode;
  answer: Answer<{ items: R[]; as_of?: string | null }>;
  /** What stands behind the name. */
  columns: TableColumnsType<R>;
  /** Where the page of one row is. */
  to: string;
  /** What is searched beside the name and the id. */
  words?: (row: R) => string[];
  choice?: Choice<R>;
  /** What a list says that holds nothing yet. */
  none: string;
  noneHelp: string;
  /** Whether it is said what instant the figures are of. */
  dated?: boolean;
  children?: ReactNode;
}

/** The way to a new one, for whoever may write; other ways to one stand before it. */
export function NewOne(props: { words: string; to?: string; onClick?: () => void; children?: ReactNode }) {
  const navigate = useNavigate();
  const { user } = useWorkspace();
  if (user.role === "viewer") return null;
  return (
    <Space wrap>
      {props.children}
      <Button
        type="primary"
        icon={<PlusOutlined aria-hidden />}
        onClick={() => (props.to ? void navigate(props.to) : props.onClick?.())}
      >
        {props.words}
      </Button>
    </Space>
  );
}

/** What it is called, with its id, as a link to its page. */
function Name({ row, to }: { row: Row; to: string }) {
  const { bi } = useText();
  return (
    <Link to={`${to}/${encodeURIComponent(row.id)}`} className="list-name">
      <strong>{bi(row.name) || row.id}</strong> <span className="mono faint">{row.id}</span>
    </Link>
  );
}

export function ListPage<R extends Row>(props: Props<R>) {
  const { t, bi } = useText();
  const { get, set } = useAddress();
  const { choice, action, to, words } = props;
  const q = (get("q") ?? "").trim().toLowerCase();
  const chosen = choice && get(choice.key);
  const fits = (row: R) =>
    (!chosen || choice.of(row) === chosen) &&
    [row.id, row.name.en, row.name.zh, ...(words?.(row) ?? [])].some((text) => text.toLowerCase().includes(q));
  return (
    <Page title={props.title} lead={props.lead} action={action}>
      <Asked answer={props.answer} rows={8}>
        {(data) =>
          data.items.length === 0 ? (
            <Section>
              <Nothing title={props.none} help={props.noneHelp} action={action} />
            </Section>
          ) : (
            <>
              <div className="filters gap-below" role="search">
                <Input.Search
                  aria-label={t("list.search")}
                  placeholder={t("list.search")}
                  allowClear
                  style={{ width: 280 }}
                  value={get("q") ?? ""}
                  onChange={(event) => set({ q: event.target.value || undefined }, true)}
                />
                {choice && (
                  <Select
                    aria-label={choice.label}
                    style={{ minWidth: 150 }}
                    value={chosen ?? ""}
                    onChange={(next: string) => set({ [choice.key]: next || undefined })}
                    options={[{ value: "", label: choice.any }, ...choice.options]}
                  />
                )}
                {props.dated && <Fresh asOf={data.as_of} />}
              </div>
              <Section className="flush">
                <Table<R>
                  rowKey="id"
                  dataSource={data.items.filter(fits)}
                  pagination={{ pageSize: A_PAGE, hideOnSinglePage: true, showSizeChanger: false }}
                  scroll={{ x: "max-content" }}
                  showSorterTooltip={false}
                  locale={{ emptyText: <Nothing title={t("list.noneFit")} /> }}
                  columns={[
                    {
                      key: "name",
                      title: t("list.name"),
                      sorter: (a, b) => bi(a.name).localeCompare(bi(b.name)),
                      render: (_, row) => <Name row={row} to={to} />,
                    },
                    ...props.columns,
                  ]}
                />
              </Section>
            </>
          )
        }
      </Asked>
      {props.children}
    </Page>
  );
}
