/** The list of this kind of model. */

import { Models } from "./Models";

export default function Associations() {
  return <Models kind="association" />;
}
