// What does an unmodified @segment/analytics-node do with these calls? Reads one JSON job on stdin, prints what went wrong.
import { readFileSync } from "node:fs";

const job = JSON.parse(readFileSync(0, "utf-8"));
if (job.clock_s) {
  const True = Date; // the machine's clock is wrong by so much, the library is not touched
  globalThis.Date = class extends True {
    constructor(...given) {
      super(...(given.length ? given : [True.now() + job.clock_s * 1000]));
    }
    static now() {
      return True.now() + job.clock_s * 1000;
    }
  };
}
const { Analytics } = await import("@segment/analytics-node");
const client = new Analytics({
  writeKey: job.key,
  host: job.host,
  flushAt: job.batch ?? 15,
  flushInterval: 200,
  maxRetries: 8,
});
const errors = [];
client.on("error", (error) => errors.push(String(error.reason ?? error.code)));
for (const { type, timestamp, ...rest } of job.calls) {
  client[type]({ ...rest, ...(timestamp && { timestamp: new Date(timestamp) }) });
}
await client.closeAndFlush({ timeout: 40_000 });
process.stdout.write(JSON.stringify({ errors }));
