import { compileSpace } from "../space/compile.ts";
import { hp } from "../space/hp.ts";
import type { Space } from "../space/space.ts";

/** One small space for each distribution with each of its options. */
export const spacesOfEachDistribution: { readonly [name: string]: Space } = {
  uniform: compileSpace(hp.uniform(-3, 7)),
  "uniform ending at 0": compileSpace(hp.uniform(-1, 0)),
  quniform: compileSpace(hp.quniform(1, 10, 4)),
  "quniform with a decimal step": compileSpace(hp.quniform(0.1, 0.7, 0.1)),
  loguniform: compileSpace(hp.loguniform(-11.5, 0)),
  qloguniform: compileSpace(hp.qloguniform(0, 5, 3)),
  normal: compileSpace(hp.normal(2, 3)),
  qnormal: compileSpace(hp.qnormal(0, 5, 2)),
  lognormal: compileSpace(hp.lognormal(0.5, 0.8)),
  qlognormal: compileSpace(hp.qlognormal(1, 1, 0.5)),
  roundeduniform: compileSpace(hp.roundeduniform(30, 50, 5)),
  "roundeduniform with ends outside of its bounds": compileSpace(hp.roundeduniform(-1, 11, 4)),
  roundedloguniform: compileSpace(hp.roundedloguniform(Math.log(3), Math.log(40), 4)),
  "roundedloguniform with 0": compileSpace(hp.roundedloguniform(Math.log(0.1), Math.log(40), 1)),
  beta: compileSpace(hp.beta(2, 5)),
  "beta with heavy ends": compileSpace(hp.beta(0.5, 0.5)),
  qbeta: compileSpace(hp.qbeta(2, 3, 0.1)),
  randint: compileSpace(hp.randint(6)),
  "randint with a lower end": compileSpace(hp.randint(-2, 3)),
  uniformint: compileSpace(hp.uniformint(1, 4)),
  float: compileSpace(hp.float(0, 1)),
  "float on a logarithmic scale": compileSpace(hp.float(1e-5, 1e-1, { log: true })),
  "float with a step": compileSpace(hp.float(0.05, 0.95, { step: 0.15 })),
  "float with a step on a logarithmic scale": compileSpace(hp.float(0.01, 2, { log: true, step: 0.1 })),
  int: compileSpace(hp.int(-5, 5)),
  "int on a logarithmic scale": compileSpace(hp.int(1, 1000, { log: true })),
  "int with a step": compileSpace(hp.int(8, 128, { step: 8 })),
  "int with a step on a logarithmic scale": compileSpace(hp.int(8, 128, { log: true, step: 8 })),
  choice: compileSpace(hp.choice(["relu", null, 1, "1", true])),
  pchoice: compileSpace(
    hp.pchoice([
      [0.7, "often"],
      [0.3, "rarely"],
    ]),
  ),
};

/** Spaces at the limits of what a distribution allows. */
export const spacesAtTheEdge: { readonly [name: string]: Space } = {
  "a choice with one option": compileSpace(hp.choice(["only"])),
  "randint(1)": compileSpace(hp.randint(1)),
  "an integer range of one value": compileSpace(hp.int(3, 3, { log: true })),
  "a quantised range of one value": compileSpace(hp.quniform(1, 7, 4)),
  "a constant and no parameter": compileSpace({ epochs: 3 }),
  "the whole range of floating-point numbers": compileSpace(hp.float(1e-300, 1e300, { log: true })),
  "the narrowest range": compileSpace(hp.uniform(1, 1 + Number.EPSILON)),
  "all integers": compileSpace(hp.int(1, Number.MAX_SAFE_INTEGER, { log: true })),
  "a lower end far below the step": compileSpace(hp.float(1e-12, 10, { log: true, step: 5 })),
  "a tiny probability": compileSpace(
    hp.pchoice([
      [1e-9, "never"],
      [1, "always"],
    ]),
  ),
};

const decay = hp.float(1e-6, 1e-2, { log: true, label: "decay" });

/** A space with choices inside choices, parameters that stand in several branches, and options of all sorts. */
export const conditionalSpace = compileSpace({
  epochs: 3,
  batchSize: hp.int(8, 128, { log: true, step: 8 }),
  optimizer: hp.choice([
    { kind: "sgd", momentum: hp.uniform(0, 0.99), decay, schedule: hp.choice([null, { warmup: hp.int(1, 5) }]) },
    { kind: "adam", beta: hp.uniform(0.8, 0.999), decay },
    { kind: "plain" },
  ]),
  layers: hp.pchoice([
    [0.25, []],
    [0.5, [hp.int(4, 64, { step: 4 })]],
    [0.25, [hp.int(4, 64, { step: 4 }), hp.quniform(0, 0.5, 0.1)]],
  ]),
});

const shared = hp.int(1, 3, { label: "shared" });

/** A finite conditional space of 80 configurations. */
export const finiteSpace = compileSpace({
  first: hp.choice(["a", { kind: "b", shared }, { kind: "c", inner: hp.choice([shared, 0]) }]),
  second: hp.choice([null, shared]),
  third: hp.randint(4),
});
