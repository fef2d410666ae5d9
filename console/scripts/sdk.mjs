// Makes one script of ../sdk/js and puts it beside the console, where Homing serves it as /sdk/homing.js.
import { fileURLToPath } from "node:url";
import { build } from "vite";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  configFile: false,
  logLevel: "warn",
  root: at("../../sdk/js"),
  build: {
    lib: { entry: at("../../sdk/js/src/tag.js"), formats: ["iife"], name: "homingTag", fileName: () => "homing.js" },
    outDir: process.env.HOMING_SDK_OUT ?? at("../../src/homing/console/static/sdk"),
    emptyOutDir: true,
    target: "es2020",
    minify: true,
    sourcemap: false,
  },
});
