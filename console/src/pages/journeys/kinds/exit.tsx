import { LogoutOutlined } from "@ant-design/icons";

import { useText } from "../../../i18n";
import type { Kind } from "./kind";

function Settings() {
  const { t } = useText();
  return <p className="faint">{t("node.exitHelp")}</p>;
}

export const exit: Kind<"exit"> = {
  kind: "exit",
  icon: <LogoutOutlined aria-hidden />,
  words: (_, { t }) => t("node.exitWords"),
  Settings,
};
