import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** The build goes straight into the Python package, where `homing.console` serves it. */
export default defineConfig({
  plugins: [react()],
  base: "/",
  build: {
    outDir: "../src/homing/console/static",
    emptyOutDir: true,
    chunkSizeWarningLimit: 1200,
    sourcemap: false,
  },
  server: {
    port: 5173,
    proxy: { "/api": "http://127.0.0.1:8700", "/t": "http://127.0.0.1:8700", "/u": "http://127.0.0.1:8700" },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] },
});
