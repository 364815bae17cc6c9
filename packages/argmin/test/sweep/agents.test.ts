import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { describe, expect } from "vitest";
import { argminHere, argminProcess, start } from "../command.ts";
import { it } from "../folder-fixture.ts";

interface Trial {
  readonly number: number;
  readonly state: string;
  readonly value: number | null;
  readonly params: { readonly x: number };
  readonly attempts: number;
  readonly reason?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

async function trialsOf(sweep: string, folder: string): Promise<readonly Trial[]> {
  const { stdout } = await argminHere(["trials", sweep, "--json"], folder);
  const document: { readonly trials: readonly Trial[] } = JSON.parse(stdout);
  return document.trials;
}

/** The same program in three languages: what becomes of it follows from its parameter. */
const python = `
import json, os, sys, time
x = int(sys.argv[1].split("=")[1])
def say(loss): print(json.dumps({"loss": loss}), flush=True)
say(x)
if x == 2:
    while True:
        say(99); time.sleep(0.05)
if x == 3:
    print("nothing to read", file=sys.stderr); sys.exit(3)
if x == 4: time.sleep(600)
if x == 5:
    kept = bytearray(os.urandom(1)) * (900 << 20)
    time.sleep(600)
`;

const shell = `
x="$ARGMIN_PARAM_X"
say() { echo "{\\"loss\\": $1}"; }
say "$x"
case "$x" in
  2) while true; do say 99; sleep 0.05; done ;;
  3) echo "nothing to read" >&2; exit 3 ;;
  4) sleep 600 ;;
  5) head -c 900000000 /dev/zero | tail -n 1 | sleep 600 ;;
esac
`;

const c = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void) {
  int x = atoi(getenv("ARGMIN_PARAM_X"));
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("{\\"loss\\": %d}\\n", x);
  while (x == 2) { printf("{\\"loss\\": 99}\\n"); usleep(50000); }
  if (x == 3) { fprintf(stderr, "nothing to read\\n"); return 3; }
  if (x == 5) memset(malloc(900 << 20), 1, 900 << 20);
  if (x >= 4) sleep(600);
  return 0;
}
`;

const languages = [
  { name: "a Python script without any package", needs: "python3", file: "program.py", code: python },
  { name: "a shell script", needs: "sh", file: "program.sh", code: shell },
  { name: "a compiled program", needs: "cc", file: "program.c", code: c },
] as const;

describe("argmin agent", { timeout: 240_000 }, () => {
  it.for(languages)(
    "tunes $name: pruned, crashed, hung and too large runs are told apart",
    async ({ needs, file, code }, { folder, skip }) => {
      if (!isOnPath(needs)) skip(`there is no ${needs} here`);
      await writeFile(join(folder, file), code);
      if (needs === "cc") execFileSync("cc", ["-o", "program", file], { cwd: folder });
      await writeFile(
        join(folder, "sweep.yaml"),
        `program: ${needs === "cc" ? "./program" : file}
method: grid
metric: {name: loss}
parameters: {x: {values: [1, 2, 3, 4, 5, 0]}}
argmin:
  pruner: {name: threshold, settings: {upper: 50}}
  trial-timeout: 6s
  memory-limit: 700M
`,
      );
      expect(await argminHere(["sweep", "sweep.yaml"], folder)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("argmin agent sweep"),
      });
      const run = await argminProcess(["agent", "sweep", "--term-timeout", "300ms"], folder, {
        ARGMIN_AGENT_DISABLE_FLAPPING: "true",
      });
      expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/\n {2}loss +0\n/) });
      const trials = await trialsOf("sweep", folder);
      const ends = trials.map(({ params, state, value, error }) => [params.x, state, error?.code ?? value]);
      expect(ends.toSorted(([a], [b]) => Number(a) - Number(b))).toEqual([
        [0, "complete", 0],
        [1, "complete", 1],
        [2, "pruned", 99],
        [3, "failed", "trial/crashed"],
        [4, "failed", "trial/timed-out"],
        [5, "failed", "trial/out-of-memory"],
      ]);
      const crashed = trials.find(({ params }) => params.x === 3);
      expect(crashed?.error?.message).toMatch(/exit code 3\.\nnothing to read$/u);
      const shown = await argminHere(["show", "sweep", String(crashed?.number)], folder);
      expect(shown.stdout).toMatch(/\nLog \(results\/sweep\/logs\/trial-\d\.log\)\n\n {2}nothing to read\n/u);
    },
  );

  it("shares a sweep with another agent: every run once; of an agent that is killed, the run is tried again", async ({
    folder,
  }) => {
    const slow =
      "const { x } = JSON.parse(process.env.ARGMIN_PARAMS); setTimeout(() => console.log(JSON.stringify({ loss: x })), 400);";
    await writeFile(join(folder, "slow.mjs"), slow);
    await writeFile(
      join(folder, "sweep.yaml"),
      "program: slow.mjs\nmethod: random\nmetric: {name: loss}\nparameters: {x: {min: 0.0, max: 1.0}}\nrun_cap: 80\n",
    );
    await argminHere(["sweep", "sweep.yaml", "--trials", "8"], folder);
    const first = start(["agent", "sweep"], folder);
    const second = start(["agent", "sweep"], folder);
    await first.said(/Trial \d complete/);
    const running = async (): Promise<number> =>
      (await trialsOf("sweep", folder)).filter(({ state }) => state === "running").length;
    await expect.poll(running, { interval: 20, timeout: 30_000 }).toBe(2);
    first.child.kill("SIGKILL");
    expect(await second.ended).toMatchObject({ code: 0 });
    const trials = await trialsOf("sweep", folder);
    expect(trials.map(({ number, state }) => [number, state])).toEqual(Array.from({ length: 8 }, (_, i) => [i, "complete"]));
    expect(new Set(trials.map(({ params }) => params.x)).size).toBe(8);
    expect(trials.filter(({ attempts }) => attempts > 1)).toHaveLength(1);
    expect((await argminHere(["sweep"], folder)).stdout).toMatch(/\nsweep +finished +8 /u);
    expect((await argminHere(["sweep", "sweep"], folder)).stdout).toMatch(
      /^Sweep sweep is finished\n\n {2}trials +8 complete\n {2}run cap +8\n/u,
    );
  });

  it("obeys pause, resume, stop and --count, and gives up where everything fails", async ({ folder }) => {
    await writeFile(
      join(folder, "quick.mjs"),
      'console.log(\'{"loss": 1}\'); if (process.env.ARGMIN_STUDY === "bad") process.exit(2);',
    );
    const sweep = "program: quick.mjs\nmethod: random\nmetric: {name: loss}\nparameters: {x: {min: 0.0, max: 1.0}}\n";
    await writeFile(join(folder, "sweep.yaml"), sweep);
    await argminHere(["sweep", "sweep.yaml"], folder);
    const some = await argminProcess(["agent", "sweep", "--count", "2"], folder);
    expect(some.stderr).toMatch(/the agent has run as many trials as --count allows \(2 trials/);
    await argminHere(["sweep", "--pause", "sweep"], folder);
    const agent = start(["agent", "sweep"], folder);
    await agent.said(/The sweep is paused/);
    expect((await argminHere(["sweep", "sweep"], folder)).stdout).toMatch(/^Sweep sweep is paused\n/u);
    const before = await trialsOf("sweep", folder);
    await argminHere(["sweep", "--resume", "sweep"], folder);
    await agent.said(/The sweep goes on/);
    await expect.poll(async () => (await trialsOf("sweep", folder)).length, { timeout: 30_000 }).toBeGreaterThan(before.length);
    await argminHere(["sweep", "--stop", "sweep"], folder);
    expect((await agent.ended).stderr).toMatch(/the sweep was stopped/);
    expect(await argminHere(["sweep", "sweep", "--trials", "9"], folder)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--trials is for a new sweep, which a file makes; 'sweep' is no sweep file."),
    });
    expect(await argminHere(["sweep", "--resume", "sweep", "--seed", "3"], folder)).toMatchObject({ code: 2 });
    expect(await argminProcess(["agent", "sweep"], folder)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/was stopped; 'argmin sweep --resume sweep'/),
    });
    await argminHere(["sweep", "sweep.yaml", "--study", "bad"], folder);
    const bad = await argminProcess(["agent", "bad"], folder);
    expect(bad).toMatchObject({ code: 1, stderr: expect.stringMatching(/3 trials failed in the first minute/) });
  });
});

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, program)));
}
