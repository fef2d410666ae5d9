/** The list of this kind of model. */

import { Models } from "./Models";

export default function Lookalikes() {
  return <Models kind="lookalike" />;
}
