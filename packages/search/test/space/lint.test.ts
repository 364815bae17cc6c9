import { compileSpace, hp, lintSpace, type SpaceDefinition } from "@argmin/search";
import { describe, expect, it } from "vitest";

const findings = (definition: SpaceDefinition): readonly string[] =>
  lintSpace(compileSpace(definition)).map(({ code, label }) => `${code} ${label}`);
const messages = (definition: SpaceDefinition): string =>
  lintSpace(compileSpace(definition))
    .map(({ message }) => message)
    .join("\n");

describe("the linter warns of", () => {
  const cases: readonly [string, SpaceDefinition, readonly string[], string][] = [
    [
      "a linear scale over decades",
      { rate: hp.uniform(1e-4, 1e-2) },
      ["linear-over-decades rate"],
      "hp.float(0.0001, 0.01, { log: true })",
    ],
    ["an integer over decades", { trees: hp.int(1, 5000) }, ["linear-over-decades trees"], "hp.int(1, 5000, { log: true })"],
    ["steps over decades", { rate: hp.quniform(0.01, 10, 0.01) }, ["linear-over-decades rate"], "{ log: true, step: 0.01 }"],
    [
      "a learning rate on a linear scale",
      { model: { learning_rate: hp.float(0.001, 0.05) } },
      ["linear-rate model.learning_rate"],
      "log: true",
    ],
    ["a learning rate from 0", { lr: hp.uniform(0, 0.1) }, ["linear-rate lr"], "lower bound above 0"],
    [
      "an end that is not reached",
      { a: hp.quniform(0, 10, 3) },
      ["unreachable-end a"],
      "10 above: the values are 0 to 9 in steps of 3",
    ],
    ["a start that is not reached", { a: hp.quniform(1, 8, 4) }, ["unreachable-end a"], "1 below"],
    ["a step that misses the end", { a: hp.int(1, 10, { step: 4 }) }, ["unreachable-end a"], "10 above"],
    ["a range widened by half a step", { a: hp.quniform(1 - 0.499, 4 + 0.499, 1) }, ["widened-range a"], "write hp.int(1, 4)"],
    ["a range of one value", { a: hp.int(3, 3) }, ["single-value a"], "has the one value 3"],
    ["a choice of one option", { a: hp.choice(["x"]) }, ["single-option a"], "one option"],
    [
      "doubled numbers as options",
      { batch: hp.choice([8, 16, 32, 64, 128]) },
      ["ordered-options batch"],
      "hp.int(8, 128, { log: true })",
    ],
    [
      "evenly spaced numbers as options",
      { epochs: hp.choice([12, 8, 4]) },
      ["ordered-options epochs"],
      "hp.int(4, 12, { step: 4 })",
    ],
    ["fractions as options", { drop: hp.choice([0, 0.1, 0.25, 0.5]) }, ["ordered-options drop"], "hp.float(0, 0.5)"],
    [
      "an option that is hardly drawn",
      {
        a: hp.pchoice([
          [0.999, "x"],
          [0.001, "y"],
        ]),
      },
      ["rare-option a"],
      "option 1 with a probability of only 0.001",
    ],
    [
      "objects that cannot be told apart",
      { a: hp.choice([{ x: hp.int(1, 2) }, { y: 2 }]) },
      ["no-discriminant a"],
      'kind: "sgd"',
    ],
    [
      "real bounds where logarithms belong",
      { a: hp.loguniform(1e-5, 1e-1) },
      ["real-bounds a"],
      "hp.float(0.00001, 0.1, { log: true })",
    ],
    ["large bounds where logarithms belong", { a: hp.loguniform(8, 64) }, ["real-bounds a"], "natural logarithms"],
    ["a normal without a scale", { a: hp.normal(0, 1e6) }, ["wide-normal a"], "rarely near its mu of 0"],
    ["a log-normal without a scale", { a: hp.lognormal(0, 7) }, ["wide-normal a"], "12 powers of ten"],
  ];
  for (const [title, definition, expected, text] of cases) {
    it(title, () => {
      expect(findings(definition)).toEqual(expected);
      expect(messages(definition)).toContain(text);
    });
  }
});

describe("the linter is content with", () => {
  const cases: readonly [string, SpaceDefinition][] = [
    ["a logarithmic scale", { lr: hp.float(1e-5, 1e-1, { log: true }), l2: hp.loguniform(-11, -2) }],
    ["a scale factor in logarithms", { mult: hp.loguniform(-0.5, 0.5), other: hp.loguniform(0.5, 1) }],
    ["ranges from 0 or across it", { drop: hp.uniform(0, 0.6), shift: hp.uniform(-100, 100) }],
    ["a narrow rate", { lr: hp.uniform(0.001, 0.002) }],
    ["names that only contain a rate's", { color: hp.uniform(0, 1), lrelu: hp.uniform(0, 0.3) }],
    ["ends on the step", { a: hp.quniform(100, 450, 5), b: hp.float(0, 0.9, { step: 0.3 }), c: hp.int(8, 128, { step: 8 }) }],
    ["multiples of q below which a log-uniform has half a cell", { a: hp.qloguniform(Math.log(8.01), Math.log(64), 16) }],
    ["unordered or few options", { a: hp.choice([3, 1, 2]), b: hp.choice([3, 5]), c: hp.choice([1, 2, "many"]) }],
    ["objects of one shape", { a: hp.choice([{ x: 1 }, { x: hp.int(2, 3) }]) }],
    ["objects with a discriminant", { a: hp.choice(["none", { kind: "x", u: hp.int(1, 2) }, { kind: "y" }]) }],
    ["a broad log-normal", { beta: hp.lognormal(Math.log(100), Math.log(100)) }],
  ];
  for (const [title, definition] of cases) {
    it(title, () => {
      expect(findings(definition)).toEqual([]);
    });
  }
});
