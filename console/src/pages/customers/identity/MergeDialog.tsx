/** Somebody else who is the same person: found by name or identifier, looked at, joined. */

import { Select } from "antd";
import { useState } from "react";

import { mergeCustomers, previewMerge } from "../../../api/identity";
import { api } from "../../../api/client";
import type * as T from "../../../api/types";
import { useText } from "../../../i18n";
import { useDebounced } from "../../../ui/useDebounced";
import { useQuery } from "@tanstack/react-query";
import { Decision } from "./Decision";

export function MergeDialog({ id, open, onClose }: { id: string; open: boolean; onClose: () => void }) {
  const { t } = useText();
  const [other, setOther] = useState<string | null>(null);
  const [text, setText] = useState("");
  const q = useDebounced(text, 250);
  const found = useQuery({
    queryKey: ["customers", "same-person", q],
    queryFn: ({ signal }) => api.get<T.List<T.CustomerRow>>("/customers", { q, limit: 20 }, signal),
    enabled: open && q.trim().length > 0,
  });
  const close = () => {
    setOther(null);
    setText("");
    onClose();
  };
  return (
    <Decision
      open={open}
      title={t("identity.mergeTitle")}
      confirm={t("identity.merge")}
      asked={other ? ["merge", id, other] : null}
      preview={() => previewMerge(id, other ?? "")}
      carryOut={(reason) => mergeCustomers(id, other ?? "", reason)}
      onClose={close}
    >
      <p className="section-help">{t("identity.mergeHelp")}</p>
      <Select
        showSearch={{ filterOption: false, onSearch: setText }}
        aria-label={t("identity.who")}
        placeholder={t("identity.who")}
        style={{ width: "100%" }}
        value={other}
        loading={found.isFetching}
        onChange={(chosen: string) => setOther(chosen)}
        notFoundContent={text ? t("identity.nobody") : null}
        options={(found.data?.items ?? [])
          .filter((row) => row.customer_id !== id)
          .map((row) => ({
            value: row.customer_id,
            // Two of one name are told apart by their ids.
            label: [...new Set([row.name, row.email, row.customer_id].filter(Boolean))].join(" · "),
          }))}
      />
    </Decision>
  );
}
