import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";

/** A training in pretence: what it does follows from the number of its trial. */
const {
  ARGMIN_TRIAL,
  ARGMIN_PARAMS,
  ARGMIN_METRICS_FILE = "",
  ARGMIN_METRICS_URL = "",
  ARGMIN_PRUNED_FILE = "",
  ...others
} = process.env;
const { x } = JSON.parse(ARGMIN_PARAMS ?? "{}");
const pause = (ms) => new Promise((settle) => setTimeout(settle, ms));
const say = (metrics) => console.log(JSON.stringify(metrics));

const acts = {
  0: () => {
    console.log(`arguments ${process.argv.slice(2).join(" ")}`);
    console.log(`variable ${others.ARGMIN_PARAM_X} ${others.ARGMIN_STUDY}`);
    for (const loss of [3, 1, 2]) say({ loss, other: { deep: 7 } });
  },
  1: () => {
    console.error("no data here");
    process.exitCode = 3;
  },
  2: () => process.kill(process.pid, "SIGSEGV"),
  3: () => undefined,
  4: () => console.log('{"loss": NaN, "text": "NaN"}'),
  5: () => {
    appendFileSync(ARGMIN_METRICS_FILE, '{"loss": 0.25}\n{"loss": 0.');
    appendFileSync(ARGMIN_METRICS_FILE, "125}");
  },
  6: async () => {
    const post = async (body) => (await fetch(ARGMIN_METRICS_URL, { method: "POST", body })).text();
    console.log(await post('{"loss": 0.75}\n{"loss": 0.5}'));
    console.log(await post("loss: 0.1"));
    console.log(await (await fetch(`${ARGMIN_METRICS_URL}x`, { method: "POST", body: '{"loss": 0}' })).text());
  },
  // Told to end, it says so and ends.
  7: async () => {
    process.on("SIGTERM", () => {
      console.log(`told to end, pruned: ${existsSync(ARGMIN_PRUNED_FILE)}`);
      process.exit(0);
    });
    for (let loss = 9; ; loss++, await pause(20)) say({ loss });
  },
  // Goes on whatever it is told, and has started another that does.
  8: async () => {
    process.on("SIGTERM", () => undefined);
    const child = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], {
      stdio: "inherit",
    });
    writeFileSync(others.MARK ?? "", `${process.pid} ${child.pid}`);
    for (let loss = 9; ; loss++, await pause(20)) say({ loss });
  },
  9: async () => {
    const kept = [];
    for (;;) {
      kept.push(Buffer.alloc(16 * 2 ** 20, 1));
      await pause(5);
    }
  },
};

say({ step: 0, x });
await acts[ARGMIN_TRIAL]();
