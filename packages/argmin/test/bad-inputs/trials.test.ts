import { describe, expect } from "vitest";
import { argmin, argminHere, type Ended } from "../command.ts";
import { it, place } from "../folder-fixture.ts";

async function run(folder: string, name: string, ...args: readonly string[]): Promise<Ended> {
  await place(`bad-inputs/fixtures/${name}`, folder);
  return argmin(["run", name, "--no-check", ...args], folder);
}

interface Recorded {
  readonly number: number;
  readonly state: string;
  readonly error?: { readonly code: string | null; readonly message: string; readonly stack: string | null };
}

async function recorded(folder: string, study: string): Promise<readonly Recorded[]> {
  const { stdout } = await argminHere(["trials", study, "--json"], folder);
  const document: { readonly trials: readonly Recorded[] } = JSON.parse(stdout);
  return document.trials;
}

describe.concurrent("trials that go wrong are recorded, and the search goes on", { timeout: 180_000 }, () => {
  it("with an objective that throws: message and stack are kept, and a search without any result says so", async ({ folder }) => {
    const { code, stdout, stderr } = await run(folder, "throwing-objective.ts");
    expect(code).toBe(7);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/Trial 0 failed in .*: no value today/);
    expect(stderr).toMatch(/3 trials, 3 of them failed.*; no trial is complete\.\n$/);
    const trials = await recorded(folder, "throwing-objective");
    expect(trials.map(({ state, error }) => [state, error?.message])).toEqual([0, 1, 2].map(() => ["failed", "no value today"]));
    expect(trials[0]?.error?.stack).toContain("throwing-objective.ts:12");
    const shown = await argminHere(["show", "throwing-objective", "1"], folder);
    expect(shown.stdout).toContain("throwing-objective.ts:12");
  });

  it("with --fail-fast: the search stops at the first", async ({ folder }) => {
    const { code, stderr } = await run(folder, "throwing-objective.ts", "--fail-fast");
    expect(code).toBe(1);
    expect(stderr).toMatch(/\nargmin: Trial 0 failed: no value today\n$/);
    expect(await recorded(folder, "throwing-objective")).toHaveLength(1);
  });

  it("with an objective that is NaN or no number", async ({ folder }) => {
    expect((await run(folder, "nan-objective.ts")).code).toBe(7);
    expect((await recorded(folder, "nan-objective"))[0]?.error).toMatchObject({
      code: "trial/not-finite",
      message: expect.stringContaining("returned NaN"),
    });
    expect((await run(folder, "text-objective.js")).code).toBe(7);
    expect((await recorded(folder, "text-objective"))[0]?.error).toMatchObject({
      code: "objective/failed",
      message: expect.stringMatching(/returned the text "-?[0-9.]+"; it must return a number/),
    });
  });

  it("with a process that takes itself away: the next trial has another one", async ({ folder }) => {
    const { code, stderr } = await run(folder, "crashing.ts");
    expect(code).toBe(0);
    expect(stderr).toMatch(/Trial 0 failed in .*: The process ended with exit code 42/);
    expect((await recorded(folder, "crashing")).map(({ state, error }) => [state, error?.code])).toEqual([
      ["failed", "trial/crashed"],
      ["complete", undefined],
    ]);
  });

  it("with a trial that never ends", async ({ folder }) => {
    const { code, stderr } = await run(folder, "endless.ts", "--trial-timeout", "1s");
    expect(code).toBe(7);
    expect(stderr).toMatch(
      /Trial 0 failed in .*: The trial was still running after 1\.00 s, its time limit \(--trial-timeout\), and was ended\./,
    );
  });

  it("with a trial that eats all memory", async ({ folder }) => {
    const { code, stderr } = await run(folder, "memory-hungry.ts", "--memory-limit", "192M");
    expect(code).toBe(7);
    expect(stderr).toMatch(/Trial 0 failed in .*: The process needed more than the memory limit of 192M;/);
    expect(stderr).not.toMatch(/FATAL ERROR|Native stack|\[\d+:0x/);
    expect((await recorded(folder, "memory-hungry"))[0]?.error?.code).toBe("trial/out-of-memory");
  });
});

describe.concurrent("an experiment that fails outside its trials ends the search", { timeout: 180_000 }, () => {
  it("when it cannot be prepared: no trial is begun", async ({ folder }) => {
    const { code, stdout, stderr } = await run(folder, "throwing-prepare.ts");
    expect([code, stdout, stderr]).toEqual([
      1,
      "",
      "argmin: The experiment could not be prepared: the camera is not plugged in\n",
    ]);
    // Nor is there a study that would hold the next run to the settings of this one.
    const again = await run(folder, "throwing-prepare.ts", "--seed", "77");
    expect(again.stderr).toBe(stderr);
    expect(JSON.parse((await argminHere(["list", "--json"], folder)).stdout)).toMatchObject({ studies: [] });
  });

  it("when its last step fails: the trials are kept", async ({ folder }) => {
    const { code, stdout, stderr } = await run(folder, "throwing-finish.ts");
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/\nargmin: The last step of the experiment failed: the test set is gone\n$/);
    expect(await recorded(folder, "throwing-finish")).toHaveLength(2);
    const again = await run(folder, "throwing-finish.ts", "--json");
    expect(again.code).toBe(1);
    expect(JSON.parse(again.stdout)).toMatchObject({
      error: { code: "objective/failed", exit: 1 },
      trials: [{ number: 0 }, { number: 1 }],
      best: { state: "complete" },
      finish: null,
    });
  });

  it("when its memory does not even suffice to load it", async ({ folder }) => {
    const { code, stderr } = await run(folder, "good.ts", "--memory-limit", "64M");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^argmin: The experiment could not be prepared: The process needed more than the memory limit of 64M; .*\n$/,
    );
  });
});
