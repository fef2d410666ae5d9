/** Whether a kept plan judges what arrives: pause it, resume it, take it back; what stops it asks first. */

import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";

import { deletePlan, pausePlan, resumePlan } from "../../../api/quality";
import { useText } from "../../../i18n";
import { useErrorText } from "../../../ui/States";

export function Standing({ id, name, paused }: { id: string; name: string; paused: boolean }) {
  const { t } = useText();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const work = async (doing: Promise<unknown>, said: string, gone = false) => {
    setBusy(true);
    try {
      await doing;
      if (gone) await navigate("/plans");
      await client.invalidateQueries({ queryKey: ["definitions", "plan"] });
      message.success(said);
    } catch (error) {
      message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const pause = () =>
    modal.confirm({
      title: t("plan.pauseAsk", { name }),
      content: t("plan.pauseHelp"),
      okText: t("plan.pause"),
      onOk: () => work(pausePlan(id), t("plan.paused")),
    });
  const drop = () =>
    modal.confirm({
      title: t("plan.dropAsk", { name }),
      content: t("plan.dropHelp"),
      okText: t("plan.drop"),
      okButtonProps: { danger: true },
      onOk: () => work(deletePlan(id), t("plan.dropped"), true),
    });
  return (
    <>
      {paused ? (
        <Button loading={busy} onClick={() => void work(resumePlan(id), t("plan.resumed"))}>
          {t("plan.resume")}
        </Button>
      ) : (
        <Button loading={busy} onClick={pause}>
          {t("plan.pause")}
        </Button>
      )}
      <Button danger disabled={busy} onClick={drop}>
        {t("plan.drop")}
      </Button>
    </>
  );
}
