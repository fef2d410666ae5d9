/** The saved segments, each as its sentence with its count. */

import { PlusOutlined } from "@ant-design/icons";
import { Button, Table } from "antd";
import { Link, useNavigate } from "react-router";

import { useSegments } from "../../api/hooks";
import type { Segment } from "../../api/types";
import { useText } from "../../i18n";
import { number } from "../../lib/format";
import { Moment } from "../../ui/Moment";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import { Asked, Nothing } from "../../ui/States";

export default function Segments() {
  const { t, bi, language } = useText();
  const navigate = useNavigate();
  const segments = useSegments();
  const create = (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => void navigate("/segments/new")}>
      {t("segment.create")}
    </Button>
  );
  return (
    <Page title={t("segment.title")} lead={t("segment.lead")} action={create}>
      <Asked answer={segments} rows={8}>
        {(data) => (
          <Section className="flush">
            <Table<Segment>
              rowKey="id"
              dataSource={data.items}
              pagination={false}
              scroll={{ x: "max-content" }}
              locale={{ emptyText: <Nothing title={t("segment.none")} help={t("segment.noneHelp")} action={create} /> }}
              columns={[
                {
                  key: "name",
                  title: t("segment.name"),
                  render: (_, row) => (
                    <Link to={`/segments/${encodeURIComponent(row.id)}`}>
                      <strong>{bi(row.name) || row.id}</strong>
                    </Link>
                  ),
                },
                {
                  key: "sentence",
                  title: t("segment.who"),
                  render: (_, row) => <div style={{ maxWidth: 560, whiteSpace: "normal" }}>{bi(row.sentence)}</div>,
                },
                {
                  key: "count",
                  title: t("segment.people"),
                  align: "right",
                  className: "num",
                  render: (_, row) => (
                    <Link to={`/customers?segment=${encodeURIComponent(row.id)}`}>{number(row.count, language)}</Link>
                  ),
                },
                { key: "as_of", title: t("customer.asOf"), render: (_, row) => <Moment at={row.as_of} /> },
              ]}
            />
          </Section>
        )}
      </Asked>
    </Page>
  );
}
