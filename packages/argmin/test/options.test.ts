import { hp } from "@argmin/search";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { defineExperiment, type OptionsOf, type OptionTable } from "../src/experiment.ts";
import { fillOptions, optionFlags, readOptions } from "../src/options.ts";
import { expectRefusal } from "./bad-inputs/refusal.ts";
import { argmin, makeFolder, removeFolder } from "./command.ts";
import { place } from "./folder-fixture.ts";

const table = {
  epochs: { kind: "integer", min: 1, default: 3, help: "epochs" },
  subset: { kind: "integer", help: "images" },
  heads: { kind: "choice", of: ["softmax", "sigmoid"], default: "softmax", help: "heads" },
  quick: { kind: "switch", help: "be quick" },
} as const satisfies OptionTable;

const bare = {
  name: "bare",
  summary: "s",
  space: { x: hp.uniform(0, 1) },
  metric: "m",
  direction: "minimize",
  objective: () => 1,
} as const;

describe("options of an experiment", () => {
  it("have the types of their table", () => {
    expectTypeOf<OptionsOf<typeof table>>().toEqualTypeOf<{
      readonly epochs: number;
      readonly subset: number | undefined;
      readonly heads: "softmax" | "sigmoid";
      readonly quick: boolean;
    }>();
    defineExperiment({
      ...bare,
      options: { rate: { kind: "number", help: "a rate" }, name: { kind: "text", default: "a", help: "a name" } },
      objective: (_, { options }) => {
        expectTypeOf(options).toEqualTypeOf<{ readonly rate: number | undefined; readonly name: string }>();
        return 1;
      },
    });
  });

  it("are filled in with their defaults", () => {
    expect(fillOptions(table, { heads: "sigmoid" })).toEqual({ epochs: 3, heads: "sigmoid", quick: false });
  });

  it("are read back from what a study keeps, unless the experiment has changed", () => {
    expect(readOptions(table, { epochs: 5, heads: "sigmoid", quick: true, gone: 1 }, "s")).toEqual({
      epochs: 5,
      heads: "sigmoid",
      quick: true,
    });
    expect(() => readOptions(table, { heads: "tanh" }, "s")).toThrow(
      "The study 's' was started with --heads \"tanh\", which the experiment does not take any more.",
    );
  });

  it("are flags that say what they take", () => {
    const flags = optionFlags(table);
    expect(flags["epochs"]).toMatchObject({ placeholder: "N", help: "epochs; 3 unless given" });
    expect(flags["quick"]).not.toHaveProperty("placeholder");
    expect(() => flags["epochs"]?.parse("0", "epochs")).toThrow('--epochs "0" is not understood; give a whole number from 1 on.');
    expect(() => flags["heads"]?.parse("softmx", "heads")).toThrow("Did you mean 'softmax'?");
  });

  it.each([
    [{ Epochs: { kind: "integer", help: "" } }, /its option 'Epochs' must be lower case letters/],
    [
      { seed: { kind: "integer", help: "" } },
      /its option 'seed' is a flag of 'argmin run' itself; choose another name, such as 'own-seed'/,
    ],
    [{ holdout: { kind: "integer", help: "" } }, /its option 'holdout' is a flag of 'argmin retrain' itself/],
    [{ help: { kind: "switch", help: "" } }, /its option 'help' is a flag of 'argmin' itself/],
    [{ epochs: { kind: "integer", min: 1, default: 0, help: "" } }, /the default of its option 'epochs' is 0, which/],
  ] as const)("are refused: %j", (options: OptionTable, message) => {
    expect(() => defineExperiment({ ...bare, options })).toThrow(message);
  });
});

describe("options with the names of flags", () => {
  it("are for the experiment where no trial is made by those flags", () => {
    const names = ["top", "classes", "beside", "own-threads", "level", "steps", "state", "pictures"];
    const options = Object.fromEntries(names.map((name) => [name, { kind: "integer", help: "" } as const]));
    expect(Object.keys(defineExperiment({ ...bare, options }).options)).toEqual(names);
  });
});

describe("an experiment with flags of its own", () => {
  let folder: string;
  const run = (...args: readonly string[]) => argmin(["run", "options.ts", "--no-check", ...args], folder);

  beforeAll(async () => {
    folder = await makeFolder();
    await place("fixtures/options.ts", folder);
  });
  afterAll(async () => removeFolder(folder));

  it("is given them, wherever they stand", async () => {
    const { stdout } = await argmin(
      ["run", "--dataset", "large", "options.ts", "--epochs=5", "--quick", "--json", "--no-check"],
      folder,
    );
    const { study, trials } = JSON.parse(stdout);
    expect(study.options).toEqual({ dataset: "large", epochs: 5, quick: true, title: "none" });
    expect(trials).toHaveLength(2);
    expect(trials[0].attributes).toMatchObject({ data: "large 5", quick: true, cost: { flops: 1000 } });
  });

  it("keeps them with the study", async () => {
    const { stderr, stdout } = await run("--trials", "3", "--json");
    expect(stderr).toContain("The study 'optional' keeps what it began with: --epochs 5, --dataset large and --quick.\n");
    expect(JSON.parse(stdout).trials).toHaveLength(3);
    const shown = await argmin(["show", "optional", "2"], folder);
    expect(shown.stdout).toMatch(/epochs +rate\n +1 +5 +-1/);
  });

  it("does not mix trials that were made by others", async () => {
    expectRefusal(await run("--epochs", "7"), 4, /was started with other settings: --epochs 5, not --epochs 7\. Another name/);
    expectRefusal(await run("--rate", "0.5"), 4, /no --rate, not --rate 0\.5\./);
  });

  it.each([
    ["--epoch 5", /argmin run optional has no flag --epoch\. Did you mean '--epochs'\?/],
    ["--epochs 51", /--epochs "51" is not understood; give a whole number from 1 to 50\./],
    ["--rate 2", /--rate "2" is not understood; give a number from 0 to 1\./],
    ["--dataset huge", /--dataset "huge" is not understood; give one of small, large\./],
    ["--quick=yes", /--quick is a switch and takes no value/],
    ["--max-params 0", /--max-params "0" is not understood; give a count above 0 such as 800K, 5M or 2G\./],
  ])("refuses %s", async (line, sentence) => {
    expectRefusal(await run(...line.split(" ")), 2, sentence);
  });

  it("shows them in its help", async () => {
    const { stdout } = await argmin(["run", "options.ts", "--help"], folder);
    expect(stdout).toContain("Flags of optional:\n");
    expect(stdout).toMatch(/--dataset NAME +what to learn from; small unless given/);
    const { stdout: plain } = await argmin(["run", "missing.ts", "--help"], folder);
    expect(plain).not.toContain("Flags of");
  });

  it("names its files by their values, with what it adds to them", async () => {
    const names = (await readdir(join(folder, "results", "optional"))).toSorted();
    expect(names).toHaveLength(3);
    for (const name of names) expect(name).toMatch(/^0\.\d{6}_trial-\d\.json$/);
    const documents = await Promise.all(
      names.map(async (name) => JSON.parse(await readFile(join(folder, "results", "optional", name), "utf8"))),
    );
    expect(documents.map(({ value }) => value)).toEqual(documents.map(({ value }) => value).toSorted((a, b) => a - b));
    for (const { value, loss, space, dataset } of documents) {
      expect({ loss, space, dataset }).toEqual({ loss: -value, space: { x: value }, dataset: "large" });
    }
  });

  it("rejects what costs too much before it is trained, and keeps why", async () => {
    const { stdout, stderr, code } = await run("--study", "limited", "--trials", "4", "--max-params", "1", "--json");
    expect(code).toBe(7);
    const { trials, settings } = JSON.parse(stdout);
    expect(settings).toMatchObject({ maxParameters: 1, maxFlops: null, maxMemoryBytes: null });
    for (const { state, reason, attributes } of trials) {
      expect(state).toBe("pruned");
      expect(reason).toMatch(/^[\d,]+ parameters are more than --max-params 1$/);
      expect(attributes.cost).toEqual({ parameters: expect.any(Number) });
    }
    expect(stderr).toMatch(/Trial 0 .*parameters are more than --max-params 1/);
    const { stdout: table } = await argmin(["trials", "limited"], folder);
    expect(table).toMatch(/^trial +state .*weights .*why$/m);
  });

  it("gives up where nothing is cheap enough", async () => {
    const ended = await run("--study", "tight", "--trials", "300", "--max-flops", "1");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/200 candidates in a row cost more than the limits allow \(the last: 1,000 floating-point/);
  });

  it("fails a trial whose cost cannot be told", async () => {
    const { stdout } = await run("--study", "impossible", "--epochs", "13", "--trials", "1", "--json");
    expect(JSON.parse(stdout).trials).toMatchObject([{ state: "failed", error: { message: "nothing is left of the image" } }]);
  });

  it("needs a cost for limits", async () => {
    await place("fixtures/valley.ts", folder);
    const ended = await argmin(["run", "valley.ts", "--no-check", "--max-params", "5M"], folder);
    expectRefusal(ended, 2, /The experiment 'valley' does not tell what a candidate costs .* --max-params cannot limit it/);
  });
});

describe("argmin retrain", () => {
  let folder: string;
  const retrain = (...args: readonly string[]) => argmin(["retrain", "options.ts", "--no-check", ...args], folder);

  beforeAll(async () => {
    folder = await makeFolder();
    await place("fixtures/options.ts", folder);
    await argmin(["run", "options.ts", "--no-check", "--dataset", "large", "--epochs", "5"], folder);
  });
  afterAll(async () => removeFolder(folder));

  it("trains a point of the experiment, with a line for each step and a folder of its own", async () => {
    const { code, stdout, stderr } = await retrain("--point", "middle", "--json");
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Training middle of 'optional':\n +x +0\.5\n1 of 2 +loss 2\n2 of 2 +loss 1\n$/);
    const own = join(folder, "results", "optional", "retrain-middle");
    expect(JSON.parse(stdout)).toMatchObject({
      point: "middle",
      params: { x: 0.5 },
      folder: own,
      result: { x: 0.5, epochs: 3, dataset: "small", checkpoint: join(own, "last.safetensors"), holdout: null },
    });
  });

  it("trains the best trial or any other, with the study's options but what a trial was given to spend", async () => {
    const { stdout } = await retrain("--json", "--holdout", "10", "--checkpoint", "mine.safetensors");
    const { best } = JSON.parse((await argmin(["best", "optional", "--json"], folder)).stdout);
    const result = { x: best.value, epochs: 3, dataset: "large", holdout: 10, checkpoint: join(folder, "mine.safetensors") };
    expect(JSON.parse(stdout)).toMatchObject({ point: `trial-${best.number}`, result });
    const other = await retrain("--json", "--trial", String(1 - best.number), "--epochs", "9");
    expect(JSON.parse(other.stdout)).toMatchObject({ point: `trial-${1 - best.number}`, result: { epochs: 9 } });
  });

  it("prints what came of it", async () => {
    const { stdout } = await retrain("--point", "middle");
    expect(stdout).toMatch(/^Trained middle\n/);
    expect(stdout).toMatch(/x +0\.5\n/);
  });

  it.each([
    [
      "--point mittle",
      2,
      /has no point 'mittle'; there are middle, best, or give the number of a trial\. Did you mean 'middle'\?/,
    ],
    ["--point 99", 4, /The study 'optional' has no trial 99, so there is nothing to train\./],
    ["--trial 99", 4, /The study 'optional' has no trial 99, so there is nothing to train\./],
    ["--trial middle", 2, /--trial wants best or the number of a trial, not 'middle'\./],
    ["--trial best --point middle", 2, /--point and --trial both say what to train; give one of them\./],
    ["--study other", 4, /There is no study 'other'/],
  ])("refuses %s", async (line, exit, sentence) => {
    expectRefusal(await retrain(...line.split(" ")), exit, sentence);
  });

  it("needs an experiment that has the step", async () => {
    expectRefusal(await argmin(["retrain", "mnist-2v7"], folder), 2, /The experiment 'mnist-2v7' has no 'retrain' step/);
  });
});
