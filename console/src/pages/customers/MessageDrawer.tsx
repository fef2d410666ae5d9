/** The message as she saw it, in a frame that can neither run, fetch, open nor click anything. */

import { Drawer, Tabs } from "antd";

import { useMessage } from "../../api/hooks";
import type { SentMessage } from "../../api/types";
import { useText } from "../../i18n";
import { quiet } from "../../lib/message";
import { Moment } from "../../ui/Moment";
import { Pill, toneOf } from "../../ui/Pill";
import { Asked } from "../../ui/States";

function headerLines(headers: SentMessage["headers"]): [string, string][] {
  if (!headers) return [];
  return Array.isArray(headers) ? headers : Object.entries(headers);
}

export function MessageDrawer({ sendKey, close }: { sendKey: string | null; close: () => void }) {
  const { t, code } = useText();
  const message = useMessage(sendKey);
  return (
    <Drawer
      open={sendKey !== null}
      onClose={close}
      size={720}
      title={message.data?.subject ?? t("message.title")}
      destroyOnHidden
    >
      <Asked answer={message} rows={10}>
        {(data) => (
          <>
            <div className="row gap-below">
              {data.history.map((step) => (
                <span key={`${step.status}-${step.at}`} className="row">
                  <Pill tone={toneOf(step.status)}>{code("sendStatus", step.status)}</Pill>
                  <Moment at={step.at} />
                </span>
              ))}
              {data.history.length === 0 && <Pill tone={toneOf(data.status)}>{code("sendStatus", data.status)}</Pill>}
            </div>
            <Tabs
              items={[
                {
                  key: "seen",
                  label: t("message.seen"),
                  children: data.html ? (
                    <>
                      <iframe
                        className="message-frame"
                        sandbox=""
                        title={t("message.frame")}
                        srcDoc={quiet(data.html)}
                      />
                      <p className="section-help">{t("message.quiet")}</p>
                    </>
                  ) : (
                    <pre className="block">{data.text ?? t("message.none")}</pre>
                  ),
                },
                {
                  key: "text",
                  label: t("message.text"),
                  children: <pre className="block">{data.text ?? t("message.none")}</pre>,
                },
                {
                  key: "headers",
                  label: t("message.headers"),
                  children: (
                    <pre className="block">
                      {headerLines(data.headers)
                        .map(([name, value]) => `${name}: ${value}`)
                        .join("\n")}
                    </pre>
                  ),
                },
              ]}
            />
          </>
        )}
      </Asked>
    </Drawer>
  );
}
