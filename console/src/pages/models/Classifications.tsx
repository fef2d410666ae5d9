/** The list of this kind of model. */

import { Models } from "./Models";

export default function Classifications() {
  return <Models kind="classification" />;
}
