import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { argmin } from "../command.ts";
import { it, place } from "../folder-fixture.ts";
import { expectRefusal } from "./refusal.ts";

const fixture = (name: string): string => `bad-inputs/fixtures/${name}`;

describe.concurrent("an experiment file that cannot be run", { timeout: 180_000 }, () => {
  it.for([
    [
      "type-error.ts.txt",
      [],
      3,
      /^argmin: type-error\.ts:10:33: Property 'y' does not exist on type .*; correct it, or run without checking by --no-check\./,
    ],
    ["syntax-error.ts.txt", [], 3, /^argmin: syntax-error\.ts:5:1: '}' expected; /],
    ["syntax-error.ts.txt", ["--no-check"], 3, /^argmin: syntax-error\.ts:5:1 does not parse: .* end of file/],
    ["no-default-export.ts", ["--no-check"], 3, /^argmin: no-default-export\.ts has no default export; end it with/],
    ["wrong-export.ts", ["--no-check"], 3, /^argmin: wrong-export\.ts has a default export that is no experiment;/],
    [
      "throws-while-loading.ts",
      ["--no-check"],
      3,
      /^argmin: throws-while-loading\.ts:1:7 failed while it was loaded: the file had a bad day\./,
    ],
    ["low-above-high.ts", [], 3, /^argmin: low-above-high\.ts: hp\.uniform\(1, -1\) has no meaning: /],
    ["duplicate-labels.ts", ["--no-check"], 3, /^argmin: duplicate-labels\.ts: Two parameters have the label 'rate'/],
    ["bad-name.ts", ["--no-check"], 3, /^argmin: bad-name\.ts: Experiment '\.\.\/elsewhere' cannot be used: its name must be/],
    [
      "good.ts",
      ["--no-check", "--sampler", "randon"],
      2,
      /^argmin: There is no sampler 'randon'; there are auto, random, grid.* and [a-z-]+\. Did you mean 'random'\?/,
    ],
    ["good.ts", ["--no-check", "--sampler", "grid"], 2, /^argmin: .* grid .*'x'/],
  ] as const)("%s %j ends with %d", async ([name, args, exit, sentence], { folder }) => {
    await place(fixture(name), folder);
    expectRefusal(await argmin(["run", name.replace(".txt", ""), ...args], folder), exit, sentence);
  });

  it("is no file at all, or of no kind that is known", async ({ folder }) => {
    await writeFile(join(folder, "notes.txt"), "not code");
    expectRefusal(await argmin(["run", "missing.ts"], folder), 3, /^argmin: There is no file missing\.ts in /);
    expectRefusal(await argmin(["run", "./notes.txt"], folder), 3, /^argmin: An experiment is a file ending in \.ts, /);
    expectRefusal(await argmin(["run", "notes"], folder), 3, /^argmin: There is no experiment 'notes'\./);
    await place(fixture("good.ts"), folder);
    expectRefusal(await argmin(["run", "good"], folder), 3, /^argmin: There is no experiment 'good'\. Did you mean 'good\.ts'\?/);
  });
});

describe.concurrent("an experiment file that changes under its study", { timeout: 180_000 }, () => {
  it("cannot go on with another space or seed; the sentence says what differs and names the ways out", async ({ folder }) => {
    await place(fixture("good.ts"), folder);
    expect((await argmin(["run", "good.ts", "--no-check", "--trials", "1", "--seed", "5"], folder)).code).toBe(0);
    expectRefusal(
      await argmin(["run", "good.ts", "--no-check", "--trials", "2", "--seed", "6"], folder),
      4,
      /was started with other settings: seed 5, not 6\..*--study NAME; 'argmin reset good'/,
    );
    const text = await readFile(join(folder, "good.ts"), "utf8");
    await writeFile(join(folder, "changed.ts"), text.replace("hp.uniform(-1, 1)", "hp.uniform(-1, 2)"));
    expectRefusal(
      await argmin(["run", "changed.ts", "--no-check", "--trials", "2"], folder),
      4,
      /was started with other settings: 'x' was .*, now it is .*--study NAME/,
    );
    await writeFile(
      join(folder, "other.ts"),
      text.replace(/name: "good"/, 'name: "other"').replace(/metric: "[^"]*"/, 'metric: "depth"'),
    );
    expectRefusal(
      await argmin(["run", "other.ts", "--no-check", "--study", "good"], folder),
      4,
      /'good' was started with other settings: experiment 'good', not 'other'; metric '.*', not 'depth'\./,
    );
    await writeFile(join(folder, "reseeded.ts"), text.replace("metric:", "seed: 9,\n  metric:"));
    const { code, stderr } = await argmin(["run", "reseeded.ts", "--no-check", "--trials", "1"], folder);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^argmin: The study 'good' keeps what it began with: seed 5 \(the file says 9\)\./);
  });
});
