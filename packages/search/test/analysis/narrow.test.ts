import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import {
  checkDistribution,
  compileSpace,
  domainOf,
  hp,
  narrowSpace,
  quantile,
  regionsOf,
  spaceCode,
  tableOf,
  type Importances,
  type NarrowedSpace,
  type NarrowSettings,
  type Region,
  type DistributionKind,
  type Space,
  type SpaceDefinition,
} from "@argmin/search";
import { conditionalSpace, finiteSpace, spacesAtTheEdge, spacesOfEachDistribution } from "@argmin/search/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { narrowed } from "../../src/analysis/narrow-distribution.ts";
import { anySpace, someUnits, assignmentFrom } from "../space/arbitrary.ts";
import { randomTrials } from "./studies.ts";

/** The space that printed code defines, by the same builders. */
function evaluated(code: string): Space {
  const script = code.replace(/^import .*$/m, "").replace("export const space =", "globalThis.space =");
  const context: { space?: SpaceDefinition } & Record<string, unknown> = { hp };
  runInNewContext(script, context);
  return compileSpace(context.space!);
}

/** A space as a set of labelled distributions and the shape of its samples: the order of independent parameters does not matter. */
function content(space: Space): unknown {
  const parameters = space.parameters.map(({ label, distribution }) => ({ label, distribution }));
  return { parameters: parameters.toSorted((a, b) => (a.label < b.label ? -1 : 1)), sample: space.toJson()["sample"] };
}

describe("spaceCode", () => {
  it.each(Object.entries({ ...spacesOfEachDistribution, ...spacesAtTheEdge, conditionalSpace, finiteSpace }))(
    "defines the same space: %s",
    (_, space) => {
      expect(content(evaluated(spaceCode(space)))).toEqual(content(space));
    },
  );

  it("defines the same space, whatever it is", () => {
    fc.assert(
      fc.property(anySpace, (space) => {
        expect(content(evaluated(spaceCode(space)))).toEqual(content(space));
      }),
      { numRuns: 150 },
    );
  });

  it("reads as a person would write it", () => {
    expect(spaceCode(conditionalSpace)).toMatchInlineSnapshot(`
      "import { hp } from "@argmin/search";

      const decayParameter = hp.float(1e-6, 0.01, { log: true, label: "decay" });

      export const space = {
        epochs: 3,
        batchSize: hp.int(8, 128, { log: true, step: 8 }),
        optimizer: hp.choice([
          {
            kind: "sgd",
            momentum: hp.uniform(0, 0.99),
            decay: decayParameter,
            schedule: hp.choice([null, { warmup: hp.int(1, 5) }]),
          },
          { kind: "adam", beta: hp.uniform(0.8, 0.999), decay: decayParameter },
          { kind: "plain" },
        ]),
        layers: hp.pchoice([
          [0.25, []],
          [0.5, [hp.int(4, 64, { step: 4 })]],
          [0.25, [hp.int(4, 64, { step: 4 }), hp.quniform(0, 0.5, 0.1)]],
        ]),
      };
      "
    `);
  });
});

describe("narrowed distributions", () => {
  const parts = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.8, noNaN: true }));

  /** What has a shape of its own over its range becomes even over a part of it. */
  const evened: { readonly [K in DistributionKind]?: DistributionKind } = {
    roundeduniform: "quniform",
    roundedloguniform: "qloguniform",
    beta: "uniform",
    qbeta: "quniform",
  };

  it.each(Object.entries(spacesOfEachDistribution))("%s: within the old bounds, and around the part", (_, space) => {
    const [parameter] = space.parameters;
    const { distribution, domain } = parameter!;
    fc.assert(
      fc.property(parts, someUnits, ([low, width], units) => {
        const high = Math.min(1, low + width);
        const to = narrowed(distribution, [low, high]);
        if (to === undefined) return;
        expect(checkDistribution(to).kind).toBe(evened[distribution.kind] ?? distribution.kind);
        const smaller = domainOf(to);
        const reach = (unit: number): number => quantile(smaller, unit);
        if (domain.kind === "gaussian") return;
        const top = 1 - 2 ** -53;
        for (const unit of units) {
          expect(isAtMost(quantile(domain, 0), reach(unit))).toBe(true);
          // A beta's quantiles come close to its bounds only far out.
          expect(isAtMost(reach(unit), domain.kind === "interval" ? domain.high : quantile(domain, top))).toBe(true);
        }
        expect(isAtMost(reach(0), quantile(domain, low))).toBe(true);
        expect(isAtMost(quantile(domain, Math.min(high, top)), reach(top))).toBe(true);
      }),
    );
  });

  it("have bounds of two digits", () => {
    const part = [0.313131, 0.626262] as const;
    expect(narrowed(hpOf(hp.uniform(0, 1)), part)).toMatchObject({ low: 0.31, high: 0.63 });
    expect(narrowed(hpOf(hp.float(1e-5, 1, { log: true })), part)).toMatchObject({ low: 0.00036, high: 0.014 });
    expect(narrowed(hpOf(hp.int(8, 128, { step: 8 })), part)).toMatchObject({ low: 48, high: 88, step: 8 });
    expect(narrowed(hpOf(hp.normal(0, 1)), part)).toMatchObject({ mu: -0.08, sigma: 0.41 });
    expect(narrowed(hpOf(hp.randint(9)), part)).toBeUndefined();
    expect(narrowed(hpOf(hp.uniform(0, 1)), [0.1, 0.95])).toBeUndefined();
  });
});

/** Up to the last digits, which logarithms round. */
function isAtMost(a: number, b: number): boolean {
  return a <= b + 1e-9 * Math.abs(b) + 1e-12;
}

function hpOf(node: SpaceDefinition): Parameters<typeof narrowed>[0] {
  return compileSpace({ x: node }).parameters[0]!.distribution;
}

describe("narrowSpace", () => {
  const decay = hp.float(1e-6, 1e-2, { log: true, label: "decay" });
  const space = compileSpace({
    epochs: 3,
    rate: hp.float(1e-5, 1, { log: true }),
    norm: hp.choice([false, true]),
    optimizer: hp.choice([
      { kind: "sgd", momentum: hp.uniform(0, 1), decay },
      { kind: "adam", decay },
      { kind: "plain", warmup: hp.int(1, 9) },
    ]),
    nothing: hp.int(1, 9),
  });
  const trials = randomTrials(space, 500, (it, rng) => {
    const branch = it["optimizer"] === 2 ? 3 : it["optimizer"] === 0 ? 4 * Math.abs(it["optimizer.sgd.momentum"]! - 0.9) : 0.3;
    return Math.abs(Math.log10(it["rate"]!) + 2) + (it["norm"] === 1 ? 0 : 2) + branch + rng.normal(0, 0.05);
  });

  function propose(settings?: NarrowSettings, importances?: Importances): NarrowedSpace {
    const table = tableOf(space, trials, "minimize");
    return narrowSpace(space, table, regionsOf(table), importances, settings);
  }

  it("narrows ranges, drops options that lose with what they alone need, and keeps the rest", () => {
    const { space: smaller, code, changes } = propose();
    expect(changes.map(({ label, kind }) => [label, kind])).toEqual([
      ["rate", "narrowed"],
      ["norm", "fixed"],
      ["optimizer", "options dropped"],
      ["optimizer.sgd.momentum", "narrowed"],
      ["decay", "kept"],
      ["optimizer.plain.warmup", "gone"],
      ["nothing", "kept"],
    ]);
    expect(content(evaluated(code))).toEqual(content(smaller));
    expect(smaller.decode({ rate: 0.01, optimizer: 1, decay: 1e-4, nothing: 2 })).toEqual({
      epochs: 3,
      rate: 0.01,
      norm: true,
      optimizer: { kind: "adam", decay: 1e-4 },
      nothing: 2,
    });
  });

  it("holds the best trial", () => {
    const best = trials.reduce((a, b) => (b.value! < a.value! ? b : a));
    const { space: smaller } = propose();
    const sample = space.decode(best.assignment);
    expect(smaller.decode(smaller.encode(sample))).toEqual(sample);
  });

  it("fixes what hardly matters where that is wanted, at the best trial's value", () => {
    const importances: Importances = {
      method: "fanova",
      parameters: space.parameters.map(({ label }) => ({ label, importance: 0.001, standardError: null, trials: 500 })),
    };
    const best = trials.reduce((a, b) => (b.value! < a.value! ? b : a));
    const { space: smaller, changes, code } = propose({ unimportant: "fix" }, importances);
    expect(changes.find(({ label }) => label === "nothing")).toEqual({
      label: "nothing",
      kind: "fixed",
      value: best.assignment["nothing"],
    });
    // What stands in options stays a parameter: two options could become the same.
    expect(changes.find(({ label }) => label === "decay")).toMatchObject({ kind: "kept", matters: false });
    expect(smaller.parameter("nothing")).toBeUndefined();
    expect(content(evaluated(code))).toEqual(content(smaller));
  });

  it("fixes a value without the digits that rounding leaves behind", () => {
    const space = compileSpace({ share: hp.uniform(0.1, 0.9), rate: hp.float(1e-5, 1, { log: true }) });
    const trials = [0.3, 0.7, 0.55].map((share, number) => {
      return { number, state: "complete" as const, value: number, assignment: { share, rate: 3e-4 } };
    });
    const table = tableOf(space, trials, "minimize");
    const importances: Importances = {
      method: "fanova",
      parameters: space.parameters.map(({ label }) => ({ label, importance: 0, standardError: null, trials: 3 })),
    };
    const { code } = narrowSpace(space, table, regionsOf(table), importances, { unimportant: "fix" });
    expect(code).toContain("share: 0.3,");
    expect(code).toContain("rate: 0.0003,");
  });

  it("is the same space where there is nothing to go by", () => {
    const table = tableOf(space, [], "minimize");
    const { space: same, changes } = narrowSpace(space, table, regionsOf(table), undefined, { unimportant: "fix" });
    expect(same.toJson()).toEqual(space.toJson());
    expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(["kept"]));
  });

  it("makes a valid space that its code defines, of any space and any regions", () => {
    fc.assert(
      fc.property(anySpace, someUnits, fc.array(fc.tuple(fc.nat(3), fc.boolean()), { maxLength: 4 }), (space, units, losing) => {
        const table = tableOf(
          space,
          [{ number: 0, state: "complete", value: 1, assignment: assignmentFrom(space, units) }],
          "minimize",
        );
        const regions = regionsOf(table).map((region, f): Region => {
          const unit = units[f % units.length]!;
          const { label } = region;
          if (region.kind === "interval" || table.features[f]!.kind === "ordered") {
            const positions = [unit * 0.9, unit * 0.9 + 0.1] as const;
            return { label, kind: "interval", from: 0, to: 0, positions, best: 1, bestOf: 1, trials: 1, trialsOf: 1 };
          }
          const counts = region.counts.map(({ option, trials, best }) => ({
            option,
            trials,
            best,
            isLosing: option > 0 && losing.some(([lost]) => option === lost),
          }));
          return { label, kind: "none", reason: "no better than chance", counts };
        });
        const { space: smaller, code } = narrowSpace(space, table, regions, undefined, { unimportant: "fix" });
        expect(content(evaluated(code))).toEqual(content(smaller));
        for (const unit of [0, 0.5]) smaller.decode(assignmentFrom(smaller, [unit]));
      }),
      { numRuns: 100 },
    );
  });

  it("prints code that passes the type check", async () => {
    const root = fileURLToPath(new URL("../../../..", import.meta.url));
    const folder = await mkdtemp(join(tmpdir(), "argmin-code-"));
    try {
      await symlink(join(root, "node_modules"), join(folder, "node_modules"), "dir");
      await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
      const compilerOptions = { noEmit: true, types: ["node"], skipLibCheck: true, customConditions: ["@argmin/source"] };
      const config = { extends: join(root, "tsconfig.base.json"), compilerOptions, files: ["space.ts", "use.ts"] };
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
      await writeFile(join(folder, "space.ts"), propose().code);
      await writeFile(
        join(folder, "use.ts"),
        `import { compileSpace } from "@argmin/search";\nimport { space } from "./space.ts";\nexport const kind: "sgd" | "adam" = compileSpace(space).decode({}).optimizer.kind;\n`,
      );
      const output = await new Promise<string>((resolve) => {
        execFile(join(root, "node_modules", ".bin", "tsc"), ["-p", folder], (_error, stdout, stderr) => resolve(stdout + stderr));
      });
      expect(output).toBe("");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
