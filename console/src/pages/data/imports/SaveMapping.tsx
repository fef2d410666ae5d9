/** Keep a mapping under a name: when the same columns come again it is offered. */

import { useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";

import { api } from "../../../api/client";
import type { ImportLook } from "../../../api/types";
import { useText } from "../../../i18n";
import { useErrorText } from "../../../ui/States";
import { slug, type Chosen, type Kind } from "./mapping";

export function SaveMapping({ look, kind, chosen }: { look: ImportLook; kind: Kind; chosen: Chosen }) {
  const { t } = useText();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [name, setName] = useState(look.file.replace(/\.[^.]+$/, ""));
  const [said, setSaid] = useState("");
  const save = async () => {
    const map = Object.fromEntries(Object.entries(chosen).map(([column, field]) => [field, column]));
    const columns = Object.keys(chosen);
    const document = { kind: "mapping", id: slug(name), name: { en: name, zh: name }, as: kind.kind, map, columns };
    try {
      await api.post("/apply", { documents: [document] });
      await client.invalidateQueries({ queryKey: ["definitions"] });
      setSaid(t("import.mappingSaved", { id: slug(name) }));
    } catch (cause) {
      setSaid(errorText(cause));
    }
  };
  return (
    <div className="row gap-above">
      <Input
        className="import-name"
        aria-label={t("import.mappingName")}
        value={name}
        maxLength={60}
        onChange={(event) => setName(event.target.value)}
      />
      <Button disabled={!name.trim()} onClick={() => void save()}>
        {t("import.saveMapping")}
      </Button>
      <span role="status">{said}</span>
    </div>
  );
}
