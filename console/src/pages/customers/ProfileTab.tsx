/** What is known of her as of a day: one panel a side of her, each value with its source and its time. */

import { Alert, Button, Input } from "antd";

import { useView } from "../../api/customers";
import type { Customer } from "../../api/types";
import { useText } from "../../i18n";
import { calendarDay } from "../../lib/format";
import { Fresh } from "../../ui/Fresh";
import { Asked } from "../../ui/States";
import { useAddress } from "../../ui/useAddress";
import { LEFT, RIGHT } from "./panels";

export function ProfileTab({ customer }: { customer: Customer }) {
  const { t, language } = useText();
  const { get, set } = useAddress();
  const at = get("at");
  const view = useView(customer.customer_id, at);
  const choose = (day: string | undefined) => set({ at: day }, true);
  return (
    <>
      <div className="as-of">
        <label htmlFor="as-of">{t("view.asOf")}</label>
        <Input
          id="as-of"
          type="date"
          size="small"
          style={{ width: 150 }}
          value={at ?? ""}
          max={customer.as_of.slice(0, 10)}
          onChange={(event) => choose(event.target.value || undefined)}
        />
        {at && (
          <Button size="small" onClick={() => choose(undefined)}>
            {t("view.backToNow")}
          </Button>
        )}
        <Fresh asOf={view.data?.as_of} />
      </div>
      {at && (
        <Alert className="gap-below" type="info" showIcon title={t("view.then", { day: calendarDay(at, language) })} />
      )}
      <Asked answer={view} rows={12}>
        {(found) => (
          <div className={view.isPlaceholderData ? "split view-old" : "split"}>
            {[LEFT, RIGHT].map((panels, column) => (
              <div className="stack" key={column}>
                {panels.map((Panel, index) => (
                  <Panel key={index} customer={customer} view={found} at={at} />
                ))}
              </div>
            ))}
          </div>
        )}
      </Asked>
    </>
  );
}
