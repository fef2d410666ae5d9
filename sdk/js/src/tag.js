// What does the script tag say? Its attributes become the library's options; calls made before it came are made now.
//
// A tag may ask for more consent than its workspace does, never for less.

import { create } from "./index.js";

const WORKSPACE = "__HOMING_CONSENT__"; // the server writes what the workspace asks for

const tag = /** @type {HTMLScriptElement | null} */ (document.currentScript);
const said = tag?.dataset ?? {};
const early = Array.isArray(window.homing) ? window.homing : [];

if (said.writeKey && !window.homing?.track?.real) {
  const api = create({
    writeKey: said.writeKey,
    host: said.host ?? new URL(tag.src).origin,
    consent: WORKSPACE === "required" || said.consent === "required" ? "required" : "implied",
    auto: said.auto?.split(/[\s,]+/),
  });
  api.track.real = true;
  window.homing = api;
  for (const [name, ...given] of early) api[name]?.(...given);
} else if (!said.writeKey) {
  console.warn("homing: the script tag has no data-write-key");
}
