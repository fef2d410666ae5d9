/** Edits a condition tree: groups of all or any, "not" around anything, leaves in the words of the catalogue. */

import { CopyOutlined, DeleteOutlined, PlusOutlined, SwapOutlined } from "@ant-design/icons";
import { Button, Dropdown, Segmented, Tooltip } from "antd";

import type { Catalogue, Condition, Segment } from "../../api/types";
import { useText } from "../../i18n";
import {
  append,
  complete,
  duplicate,
  edit,
  fresh,
  isGroup,
  negate,
  remove,
  type Kind,
  type Path,
} from "../../lib/tree";
import { DidFields } from "./DidFields";
import { SequenceFields } from "./SequenceFields";
import { InSegmentFields, ShareFields } from "./SmallFields";
import { NearFields, PlaceFields, TagFields, TopFields } from "./StandingFields";
import { TraitFields } from "./TraitFields";

export interface Words {
  catalogue: Catalogue | undefined;
  segments: Segment[];
}

interface Props extends Words {
  tree: Condition;
  onChange: (tree: Condition) => void;
}

interface NodeProps extends Props {
  node: Condition;
  path: Path;
}

const KINDS: Record<string, Kind[]> = {
  happened: ["did", "absent", "sequence"],
  standing: ["trait", "tag", "place", "near", "top"],
  others: ["in_segment", "share"],
  groups: ["all", "any"],
};

function Tools({ tree, node, path, onChange }: NodeProps) {
  const { t } = useText();
  return (
    <>
      <Tooltip title={t("segment.negate")}>
        <Button
          size="small"
          type="text"
          icon={<SwapOutlined aria-hidden />}
          aria-label={t("segment.negate")}
          aria-pressed={node.type === "not"}
          onClick={() => onChange(negate(tree, path))}
        />
      </Tooltip>
      <Tooltip title={t("segment.duplicate")}>
        <Button
          size="small"
          type="text"
          icon={<CopyOutlined aria-hidden />}
          aria-label={t("segment.duplicate")}
          onClick={() => onChange(duplicate(tree, path))}
        />
      </Tooltip>
      <Tooltip title={t("action.remove")}>
        <Button
          size="small"
          type="text"
          icon={<DeleteOutlined aria-hidden />}
          aria-label={t("action.remove")}
          onClick={() => onChange(remove(tree, path))}
        />
      </Tooltip>
    </>
  );
}

function Add({ tree, path, onChange, catalogue, segments }: NodeProps) {
  const { t } = useText();
  const ids = segments.map((segment) => segment.id);
  const add = (kind: Kind) => onChange(append(tree, path, fresh(kind, catalogue, ids)));
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: Object.entries(KINDS).map(([group, kinds]) => ({
          key: group,
          type: "group" as const,
          label: t(`condition.kinds.${group}`),
          children: kinds.map((kind) => ({ key: kind, label: t(`condition.add.${kind}`), onClick: () => add(kind) })),
        })),
      }}
    >
      <Button size="small" icon={<PlusOutlined aria-hidden />}>
        {t("segment.addCondition")}
      </Button>
    </Dropdown>
  );
}

function Group(props: NodeProps) {
  const { t } = useText();
  const { node, path, tree, onChange } = props;
  if (!isGroup(node)) return null;
  const setType = (type: "all" | "any") => onChange(edit(tree, path, () => ({ ...node, type })));
  return (
    <div className={`cond-group cond-group-${node.type}`} role="group" aria-label={t(`condition.${node.type}`)}>
      <div className="cond-head">
        <Segmented<"all" | "any">
          size="small"
          aria-label={t("segment.how")}
          value={node.type}
          onChange={setType}
          options={[
            { value: "all", label: t("condition.all") },
            { value: "any", label: t("condition.any") },
          ]}
        />
        <span className="grow" />
        {path.length > 0 && <Tools {...props} />}
      </div>
      <div className="cond-list">
        {node.of.length === 0 && <span className="faint">{t(`condition.${node.type}Empty`)}</span>}
        {node.of.map((child, index) => (
          <Node key={index} {...props} node={child} path={[...path, index]} />
        ))}
      </div>
      <Add {...props} />
    </div>
  );
}

function Not(props: NodeProps) {
  const { t } = useText();
  if (props.node.type !== "not") return null;
  return (
    <div className="cond-group cond-group-not" role="group" aria-label={t("condition.not")}>
      <div className="cond-head">
        <strong>{t("condition.not")}</strong>
        <span className="grow" />
        <Tools {...props} />
      </div>
      <div className="cond-list" style={{ marginBottom: 0 }}>
        <Node {...props} node={props.node.of} path={[...props.path, 0]} />
      </div>
    </div>
  );
}

function Node(props: NodeProps) {
  const { t } = useText();
  const { node, path, tree, onChange, catalogue, segments } = props;
  if (isGroup(node)) return <Group {...props} />;
  if (node.type === "not") return <Not {...props} />;
  const set = (changed: Condition) => onChange(edit(tree, path, () => changed));
  const insideNot = path.length > 0 && isNotAbove(tree, path);
  const lacking = !complete(node);
  return (
    <div className={lacking ? "cond-leaf cond-lacking" : "cond-leaf"}>
      <div className="cond-fields">
        {node.type === "trait" && <TraitFields node={node} onChange={set} catalogue={catalogue} />}
        {(node.type === "did" || node.type === "absent") && (
          <DidFields node={node} onChange={set} catalogue={catalogue} />
        )}
        {node.type === "sequence" && <SequenceFields node={node} onChange={set} catalogue={catalogue} />}
        {node.type === "tag" && <TagFields node={node} onChange={set} />}
        {node.type === "place" && <PlaceFields node={node} onChange={set} catalogue={catalogue} />}
        {node.type === "near" && <NearFields node={node} onChange={set} />}
        {node.type === "top" && <TopFields node={node} onChange={set} catalogue={catalogue} />}
        {node.type === "in_segment" && <InSegmentFields node={node} onChange={set} segments={segments} />}
        {node.type === "share" && <ShareFields node={node} onChange={set} />}
        {lacking && <span className="cond-lacks">{t("condition.lacking")}</span>}
      </div>
      {!insideNot && (
        <div className="cond-tools">
          <Tools {...props} />
        </div>
      )}
    </div>
  );
}

function isNotAbove(tree: Condition, path: Path): boolean {
  const parent = path.slice(0, -1).reduce<Condition | undefined>((node, position) => {
    if (!node) return undefined;
    if (node.type === "not") return node.of;
    return isGroup(node) ? node.of[position] : undefined;
  }, tree);
  return parent?.type === "not";
}

export function ConditionEditor(props: Props) {
  return <Node {...props} node={props.tree} path={[]} />;
}
