/** The list of this kind of model. */

import { Models } from "./Models";

export default function Clusterings() {
  return <Models kind="clustering" />;
}
