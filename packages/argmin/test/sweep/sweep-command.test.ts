import { openSqliteStorage } from "@argmin/search/sqlite";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { readSweep, sweepAttribute } from "../../src/sweep/state.ts";
import { argminHere } from "../command.ts";
import { it } from "../folder-fixture.ts";

const file = `program: train.py
method: random
metric: {name: loss}
parameters: {x: {min: 0.0, max: 1.0}}
early_terminate: {type: hyperband, min_iter: 3}
`;

describe("argmin sweep", () => {
  it("takes another pruner than the file's by its flags, for its agents too", async ({ folder }) => {
    await writeFile(join(folder, "sweep.yaml"), file);
    const begin = (...flags: readonly string[]) => argminHere(["sweep", "sweep.yaml", ...flags], folder);

    expect(await begin("--promote")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        "--promote is for pruners that pause trials, which are successive-halving and hyperband; 'wandb-hyperband' stops",
      ),
    });
    const begun = await begin("--pruner", "successive-halving", "--promote", "--json");
    expect(JSON.parse(begun.stdout)).toMatchObject({ sweep: "sweep", pruner: "successive-halving" });

    const storage = await openSqliteStorage(join(folder, "results", "argmin.db"));
    const record = await storage.findStudy("sweep");
    expect(record?.pruner).toMatchObject({ name: "successive-halving", metric: "loss", settings: { promote: true } });
    const kept = readSweep(await storage.studyAttributes(record!.id), "sweep");
    expect(kept.pruner).toEqual({ name: "successive-halving", settings: record?.pruner.settings });
    await storage.close();

    expect(await argminHere(["sweep", "sweep", "--pruner", "median"], folder)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--pruner is for a new sweep, which a file makes; 'sweep' is no sweep file."),
    });
  });

  it("makes the one that comes along again under another name, and not twice under the same", async ({ folder }) => {
    const begin = (...flags: readonly string[]) => argminHere(["sweep", "simplecnn-cifar100", "--json", ...flags], folder);
    for (const [flags, name] of [
      [[], "simplecnn-cifar100"],
      [["--study", "again"], "again"],
    ] as const)
      expect(JSON.parse((await begin(...flags)).stdout)).toMatchObject({ sweep: name });
    expect((await begin("--study", "again")).stderr).toContain("There is a study 'again' already");
  });

  it("lists the sweeps that can be read, and says which cannot", async ({ folder }) => {
    await writeFile(join(folder, "sweep.yaml"), file);
    for (const name of ["one", "two"]) expect((await argminHere(["sweep", "sweep.yaml", "--study", name], folder)).code).toBe(0);
    const storage = await openSqliteStorage(join(folder, "results", "argmin.db"));
    const broken = await storage.findStudy("one");
    await storage.setStudyAttribute(broken!.id, sweepAttribute, JSON.stringify({ method: "tomorrow's" }));
    await storage.close();
    const { code, stdout, stderr } = await argminHere(["sweep"], folder);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^two +running +0/m);
    expect(stdout).not.toMatch(/^one /m);
    expect(stderr).toContain("argmin: The sweep 'one' is left out: ");
  });
});
