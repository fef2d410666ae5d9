// Is the first load small enough? Fails when the files that index.html itself names weigh more than 350 kB gzipped, or
// the browser library, which every visitor of a shop loads, more than 6 kB.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 350;
const SDK_KB = 6;
const root = new URL("../../src/homing/console/static/", import.meta.url);
const html = readFileSync(new URL("index.html", root), "utf-8");
const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map((match) => match[1]);
let total = 0;
for (const name of named) {
  const kb = gzipSync(readFileSync(new URL(name, root))).length / 1000;
  total += kb;
  console.log(`${name} ${kb.toFixed(1)} kB gzipped`);
}
console.log(`first load ${total.toFixed(1)} kB of ${LIMIT_KB} kB`);
if (named.length === 0 || total > LIMIT_KB) process.exit(1);
const sdk = gzipSync(readFileSync(new URL("sdk/homing.js", root))).length / 1000;
console.log(`browser library ${sdk.toFixed(1)} kB of ${SDK_KB} kB`);
if (sdk > SDK_KB) process.exit(1);
