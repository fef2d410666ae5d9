/** The name of a stage in the reader's language, of those who are new and of those in no stage. */

import { useCallback } from "react";

import type { Flow, Lifecycle } from "../../api/marks";
import { useText } from "../../i18n";

export function useStageName(of: Pick<Flow | Lifecycle, "stages">) {
  const { t, bi } = useText();
  return useCallback(
    (id: string) => {
      if (id === "@new") return t("lifecycles.new");
      if (id === "@none") return t("lifecycles.none");
      return bi(of.stages.find((stage) => stage.id === id)?.name) || id;
    },
    [of, t, bi],
  );
}
