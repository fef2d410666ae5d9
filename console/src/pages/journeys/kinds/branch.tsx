import { BranchesOutlined } from "@ant-design/icons";
import { Form } from "antd";

import { useCatalogue, useSegments } from "../../../api/hooks";
import type { JourneyNode } from "../../../api/types";
import { useText } from "../../../i18n";
import { rooted } from "../../../lib/tree";
import { ConditionEditor } from "../../segments/ConditionEditor";
import type { Kind, SettingsProps } from "./kind";

type Branch = Extract<JourneyNode, { type: "branch" }>;

function Settings({ node, onChange }: SettingsProps<Branch>) {
  const { t } = useText();
  const catalogue = useCatalogue();
  const segments = useSegments();
  return (
    <Form.Item label={t("node.branchOn")}>
      <ConditionEditor
        tree={rooted(node.condition)}
        onChange={(condition) => onChange({ ...node, condition })}
        catalogue={catalogue.data}
        segments={segments.data?.items ?? []}
      />
    </Form.Item>
  );
}

export const branch: Kind<"branch"> = {
  kind: "branch",
  icon: <BranchesOutlined aria-hidden />,
  words: (_, { t }) => t("node.branchWords"),
  Settings,
};
