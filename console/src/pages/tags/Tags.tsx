/** The catalogue of tags: how each comes about, how many have it, who answers for it, how far its approval is. */

import { PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select, Table } from "antd";
import { Link, useNavigate } from "react-router";

import { type TagRow, useTags } from "../../api/marks";
import { useWorkspace } from "../../app/workspace";
import { useText } from "../../i18n";
import { durationWords, number, share } from "../../lib/format";
import { Page } from "../../ui/Page";
import { Pill } from "../../ui/Pill";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import { Standing } from "./Standing";

const HOWS = ["rule", "model", "manual", "import"] as const;

export default function Tags() {
  const { t, bi, language } = useText();
  const navigate = useNavigate();
  const { user } = useWorkspace();
  const { get, set } = useAddress();
  const tags = useTags();
  const q = (get("q") ?? "").toLowerCase();
  const how = get("how");
  const writes = user.role !== "viewer";
  const create = writes ? (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => void navigate("/tags/new")}>
      {t("tag.create")}
    </Button>
  ) : undefined;
  const fits = (row: TagRow) =>
    (!how || row.how === how) &&
    [row.id, row.name.en, row.name.zh, row.category, row.owner].some((text) => text.toLowerCase().includes(q));
  return (
    <Page title={t("tag.title")} lead={t("tag.lead")} action={create}>
      <div className="filters gap-below" role="search">
        <Input.Search
          aria-label={t("tag.search")}
          placeholder={t("tag.search")}
          allowClear
          style={{ width: 280 }}
          value={get("q") ?? ""}
          onChange={(event) => set({ q: event.target.value || undefined }, true)}
        />
        <Select
          aria-label={t("tag.how")}
          style={{ minWidth: 150 }}
          value={how ?? ""}
          onChange={(next: string) => set({ how: next || undefined })}
          options={[
            { value: "", label: t("tag.anyHow") },
            ...HOWS.map((one) => ({ value: one, label: t(`tag.hows.${one}`) })),
          ]}
        />
      </div>
      <Asked answer={tags} rows={8}>
        {(data) => (
          <Section className="flush">
            <Table<TagRow>
              rowKey="id"
              dataSource={data.items.filter(fits)}
              pagination={false}
              scroll={{ x: "max-content" }}
              locale={{
                emptyText: data.items.length ? (
                  <Nothing title={t("tag.noneFit")} />
                ) : (
                  <Nothing title={t("tag.none")} help={t("tag.noneHelp")} action={create} />
                ),
              }}
              columns={[
                {
                  key: "name",
                  title: t("tag.name"),
                  render: (_, row) => (
                    <Link to={`/tags/${row.id}`}>
                      <strong>{bi(row.name)}</strong> <span className="mono faint">{row.id}</span>
                    </Link>
                  ),
                },
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
                  render: (_, row) => (
                    <span title={t("tag.ofCustomers", { n: number(row.of, language) })}>
                      {number(row.n, language)} <small className="faint">{share(row.share, language)}</small>
                    </span>
                  ),
                },
                { key: "category", title: t("tag.category"), render: (_, row) => row.category || "–" },
                { key: "owner", title: t("tag.owner"), render: (_, row) => row.owner || "–" },
                {
                  key: "expires",
                  title: t("tag.expires"),
                  render: (_, row) =>
                    row.expires
                      ? /^\d{4}-/.test(row.expires)
                        ? row.expires
                        : durationWords(row.expires, language)
                      : "–",
                },
                { key: "standing", title: t("tag.standing"), render: (_, row) => <Standing tag={row} /> },
              ]}
            />
          </Section>
        )}
      </Asked>
    </Page>
  );
}
