/** One stage as a form: its name in both languages, its colour, and who is in it. */

import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from "@ant-design/icons";
import { Button, Checkbox, Tooltip } from "antd";

import { useText } from "../../i18n";
import type { Stage } from "../../lib/stages";
import { EVERYBODY, rooted } from "../../lib/tree";
import { BiFields } from "../../ui/BiFields";
import { ConditionEditor, type Words } from "../segments/ConditionEditor";

/** Up and down in a list, by key as by pointer. */
export function Moves({ name, at, of, move }: { name: string; at: number; of: number; move: (by: number) => void }) {
  const { t } = useText();
  return (
    <>
      {([-1, 1] as const).map((by) => (
        <Tooltip key={by} title={t(by < 0 ? "lifecycles.up" : "lifecycles.down")}>
          <Button
            size="small"
            type="text"
            icon={by < 0 ? <ArrowUpOutlined aria-hidden /> : <ArrowDownOutlined aria-hidden />}
            aria-label={`${t(by < 0 ? "lifecycles.up" : "lifecycles.down")}: ${name}`}
            disabled={at + by < 0 || at + by >= of}
            onClick={() => move(by)}
          />
        </Tooltip>
      ))}
    </>
  );
}

interface Props extends Words {
  stage: Stage;
  at: number;
  of: number;
  change: (part: Partial<Stage>) => void;
  move: (by: number) => void;
  remove: () => void;
}

export function StageFields({ stage, at, of, change, move, remove, catalogue, segments }: Props) {
  const { t, bi } = useText();
  const name = bi(stage.name) || t("lifecycles.stage", { n: at + 1 });
  return (
    <section className="stage-form" aria-label={name} style={{ borderLeftColor: stage.colour }}>
      <div className="row">
        <input
          type="color"
          aria-label={`${t("lifecycles.colour")}: ${name}`}
          value={stage.colour}
          onChange={(event) => change({ colour: event.target.value })}
        />
        <strong>{name}</strong> <span className="mono faint">{stage.id}</span>
        <span className="grow" />
        <Moves name={name} at={at} of={of} move={move} />
        <Tooltip title={t("action.remove")}>
          <Button
            size="small"
            type="text"
            icon={<DeleteOutlined aria-hidden />}
            aria-label={`${t("action.remove")}: ${name}`}
            disabled={of <= 2}
            onClick={remove}
          />
        </Tooltip>
      </div>
      <div className="halves">
        <BiFields id={`stage-${at}`} of="name" value={stage.name} onChange={(next) => change({ name: next })} />
      </div>
      <Checkbox
        checked={!stage.condition}
        onChange={(event) => change({ condition: event.target.checked ? undefined : EVERYBODY })}
      >
        {t("lifecycles.restOf")}
      </Checkbox>
      {stage.condition && (
        <ConditionEditor
          tree={rooted(stage.condition)}
          onChange={(condition) => change({ condition })}
          catalogue={catalogue}
          segments={segments}
        />
      )}
    </section>
  );
}
