/** Sets of traits that ship with Homing: what is in each, and one button that brings it into force. */

import { CheckOutlined } from "@ant-design/icons";
import { App, Button, Drawer } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { takePreset, type TraitPreset, usePresets } from "../../api/traits";
import { useText } from "../../i18n";
import { Asked, useErrorText } from "../../ui/States";
import { Section } from "../../ui/Section";

function Set({ one }: { one: TraitPreset }) {
  const { t, bi } = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const whole = one.taken.length === one.documents.length;
  const take = async () => {
    setBusy(true);
    try {
      await takePreset(one.id);
      await queries.invalidateQueries({ queryKey: ["traits"] });
      await queries.invalidateQueries({ queryKey: ["trait-presets"] });
      void message.success(t("traits.taken", { name: bi(one.name) }));
    } catch (error) {
      void message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section
      title={bi(one.name)}
      help={bi(one.description)}
      extra={
        whole ? (
          <span className="faint">
            <CheckOutlined aria-hidden /> {t("traits.have")}
          </span>
        ) : (
          <Button type="primary" size="small" loading={busy} onClick={() => void take()}>
            {t("traits.take", { n: one.documents.length - one.taken.length })}
          </Button>
        )
      }
    >
      <ul style={{ margin: 0, paddingInlineStart: 18 }}>
        {one.documents.map((document, n) => {
          const name = document["name"] as { en: string; zh: string };
          return (
            <li key={String(document["id"])}>
              <strong>{bi(name)}</strong>{" "}
              <span className="faint" style={{ overflowWrap: "anywhere" }}>
                {bi(one.sentences[n] ?? { en: "", zh: "" }).slice(0, 160)}
              </span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

export function Presets({ close }: { close: () => void }) {
  const { t } = useText();
  const presets = usePresets(true);
  return (
    <Drawer open title={t("traits.presets")} onClose={close} size="large">
      <p className="faint">{t("traits.presetsHelp")}</p>
      <Asked answer={presets} rows={6}>
        {(data) => (
          <div className="stack">
            {data.items.map((one) => (
              <Set key={one.id} one={one} />
            ))}
          </div>
        )}
      </Asked>
    </Drawer>
  );
}
