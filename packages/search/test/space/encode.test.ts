import { compileSpace, type FlatValues, hp } from "@argmin/search";
import { describe, expect, it } from "vitest";

const space = compileSpace({
  epochs: 3,
  lr: hp.float(1e-5, 1e-1, { log: true }),
  layers: [{ units: hp.int(8, 64, { step: 8 }) }],
  optimizer: hp.choice([
    { kind: "sgd", momentum: hp.uniform(0, 0.99) },
    { kind: "adam", betas: [0.9, hp.uniform(0.9, 1)] },
  ]),
  residual: hp.choice([null, true, 1, "1", hp.int(2, 4)]),
});

const assignment = {
  lr: 1e-3,
  "layers[0].units": 16,
  optimizer: 0,
  "optimizer.sgd.momentum": 0.5,
  residual: 4,
  "residual[4]": 3,
};
const flat: FlatValues = {
  lr: 1e-3,
  "layers[0].units": 16,
  optimizer: { option: 0, kind: "sgd" },
  "optimizer.sgd.momentum": 0.5,
  residual: 3,
};
const sample = space.decode(assignment);

/** The same flat values with some changed; those that become undefined are left out. */
function changed(changes: Readonly<Record<string, FlatValues[string] | undefined>>): FlatValues {
  return Object.fromEntries(
    Object.entries<FlatValues[string] | undefined>({ ...flat, ...changes }).filter(
      (entry): entry is [string, FlatValues[string]] => entry[1] !== undefined,
    ),
  );
}

describe("describe", () => {
  it("shows scalar options as they are and others by index and discriminant", () => {
    expect(space.describe(assignment)).toEqual(flat);
    const scalars = [0, 1, 2, 3].map((residual) => space.describe({ ...assignment, residual }).residual);
    expect(scalars).toEqual([null, true, 1, "1"]);
  });

  it("leaves out what is not active", () => {
    expect(space.describe({ ...assignment, optimizer: 1, "optimizer.adam.betas[1]": 0.95 })).not.toHaveProperty(
      "optimizer.sgd.momentum",
    );
  });

  it("shows a parameter that is an option as the choice's value, through several choices too", () => {
    const nested = compileSpace({
      kernel: hp.choice([null, hp.choice([3, hp.uniform(4, 5, { label: "wide" })], { label: "size" })]),
    });
    expect(nested.describe({ kernel: 0 })).toEqual({ kernel: null });
    expect(nested.describe({ kernel: 1, size: 0 })).toEqual({ kernel: 3 });
    expect(nested.describe({ kernel: 1, size: 1, wide: 4.5 })).toEqual({ kernel: 4.5 });
    expect(nested.encode({ kernel: 4.5 })).toEqual({ kernel: 1, size: 1, wide: 4.5 });
    expect(nested.encode({ kernel: { option: 1 }, size: { option: 1 }, wide: 4.5 })).toEqual({ kernel: 1, size: 1, wide: 4.5 });
  });

  it("shows the option where its value could be that of another", () => {
    const ambiguous = compileSpace({ size: hp.choice([3, hp.int(1, 4), hp.choice([{ kind: "a" }, { kind: "b" }])]) });
    expect(ambiguous.describe({ size: 0 })).toEqual({ size: 3 });
    expect(ambiguous.describe({ size: 1, "size[1]": 3 })).toEqual({ size: { option: 1 }, "size[1]": 3 });
    expect(ambiguous.describe({ size: 1, "size[1]": 2 })).toEqual({ size: 2 });
    expect(ambiguous.describe({ size: 2, "size[2]": 1 })).toEqual({ size: { option: 2 }, "size[2]": { option: 1, kind: "b" } });
    const named = compileSpace({ by: hp.choice([{ kind: "a" }, { kind: "b" }, hp.choice(["a", "c"])]) });
    expect(named.describe({ by: 2, "by[2]": 0 })).toEqual({ by: { option: 2 }, "by[2]": "a" });
    expect(named.describe({ by: 2, "by[2]": 1 })).toEqual({ by: "c" });
  });

  it("keeps the entry of a parameter that stands elsewhere, too", () => {
    const units = hp.int(1, 4, { label: "units" });
    const shared = compileSpace({ first: units, second: hp.choice([null, units]) });
    expect(shared.describe({ units: 2, second: 1 })).toEqual({ units: 2, second: 2 });
  });
});

describe("encode", () => {
  it("takes a sample, of which constants may be left out", () => {
    expect(space.encode(sample)).toEqual(assignment);
    const { epochs: _, ...rest } = sample;
    const loose: unknown = JSON.parse(JSON.stringify({ ...rest, optimizer: { momentum: 0.5, kind: "sgd" } }));
    expect(space.encode(Object.assign({}, loose))).toEqual(assignment);
  });

  it("takes flat values, where an option may also be written as a whole or by its discriminant", () => {
    expect(space.encode(flat)).toEqual(assignment);
    expect(space.encode(changed({ optimizer: "sgd" }))).toEqual(assignment);
    expect(space.encode(changed({ optimizer: { kind: "sgd", momentum: 0.5 }, "optimizer.sgd.momentum": undefined }))).toEqual(
      assignment,
    );
    expect(space.encode(changed({ residual: { option: 4 }, "residual[4]": 3 }))).toEqual(assignment);
  });

  it("tells true, 1 and the text 1 apart", () => {
    const indices = [null, true, 1, "1"].map((residual) => space.encode(changed({ residual })).residual);
    expect(indices).toEqual([0, 1, 2, 3]);
  });

  it("takes numbers that miss the step by a rounding error", () => {
    const stepped = compileSpace({ rate: hp.quniform(0, 1, 0.1) });
    expect(stepped.encode({ rate: 0.1 * 3 })).toEqual({ rate: 0.3 });
  });

  it("takes spaces that are one choice or one value", () => {
    const choice = compileSpace(hp.choice([{ kind: "a", x: hp.int(1, 2) }, { kind: "b" }, 5]));
    expect(choice.encode({ kind: "a", x: 2 })).toEqual({ value: 0, "a.x": 2 });
    expect(choice.encode({ value: { option: 0, kind: "a" }, "a.x": 2 })).toEqual({ value: 0, "a.x": 2 });
    expect(choice.encode({ value: 5 })).toEqual({ value: 2 });
    expect(choice.encode(5)).toEqual({ value: 2 });
    expect(compileSpace(hp.uniform(0, 1)).encode(0.5)).toEqual({ value: 0.5 });
    expect(compileSpace({ fixed: 1 }).encode({})).toEqual({});
  });

  const refused: readonly [string, FlatValues, string, string][] = [
    ["an unknown label", { lrr: 1 }, "space/invalid", "The space has no parameter 'lrr'; it has lr, layers[0].units, optimizer"],
    ["a missing label", changed({ lr: undefined }), "space/invalid", "'lr' is missing; wanted a number from 0.00001 to 0.1"],
    ["a number out of bounds", changed({ lr: 1 }), "space/bounds", "'lr' is 1; wanted a number from 0.00001 to 0.1"],
    ["a text for a number", changed({ lr: "0.001" }), "space/invalid", "'lr' is \"0.001\"; wanted a number"],
    [
      "a number off the step",
      changed({ "layers[0].units": 20 }),
      "space/bounds",
      "wanted 8, 16 and so on to 64 in steps of 8; 24 is nearest",
    ],
    ["an unknown option", changed({ optimizer: "adamm" }), "space/invalid", "'optimizer' is \"adamm\"; wanted one of"],
    [
      "an option of another type",
      changed({ residual: "true" }),
      "space/invalid",
      '\'residual\' is "true"; wanted one of null, true, 1, "1"',
    ],
    ["a number inside an option", changed({ residual: 9 }), "space/bounds", "'residual[4]' is 9; wanted an integer from 2 to 4"],
    [
      "a value for an inactive parameter",
      changed({ residual: null, "residual[4]": 3 }),
      "space/inactive",
      "'residual[4]' is 3, but it exists only where 'residual' is {\"option\":4}",
    ],
    [
      "two values for one parameter",
      changed({ optimizer: { kind: "sgd", momentum: 0.1 } }),
      "space/invalid",
      "both as 0.1 and as 0.5",
    ],
    ["a long text", changed({ optimizer: "x".repeat(1000) }), "space/invalid", "xxx...; wanted one of"],
  ];
  for (const [title, values, code, message] of refused) {
    it(`refuses ${title}`, () => {
      expect(() => space.encode(values)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
    });
  }

  const refusedSamples: readonly [string, FlatValues, string][] = [
    ["another constant", { ...sample, epochs: 4 }, "'epochs' is 4; wanted the constant 3"],
    ["a missing part", { epochs: 3, layers: sample.layers, optimizer: sample.optimizer, residual: 1 }, "'lr' is missing"],
    ["an array of another length", { ...sample, layers: [] }, "'layers' is []; wanted an array of 1 items"],
    ["a scalar for an object", { ...sample, layers: [3] }, "'layers[0]' is 3; wanted an object with units"],
    [
      "a member too many",
      { ...sample, layers: [{ units: 8, width: 3 }] },
      "'layers[0].width' is 3; wanted no such member, but units",
    ],
    ["an option's member too many", { ...sample, optimizer: { kind: "sgd", momentum: 0.5, beta: 1 } }, "'optimizer.beta' is 1"],
    [
      "a wrong number in an option",
      { ...sample, optimizer: { kind: "sgd", momentum: 2 } },
      "'optimizer.sgd.momentum' is 2; wanted a number from 0 to 0.99",
    ],
    ["a name that is in no part", { ...sample, learningRate: 1 }, "The space has no parameter 'learningRate'"],
  ];
  for (const [title, values, message] of refusedSamples) {
    it(`refuses a sample with ${title}`, () => {
      expect(() => space.encode(values)).toThrow(message);
    });
  }
});

it("says what a parameter takes, whatever its distribution", () => {
  const many = compileSpace({
    count: hp.randint(5),
    noise: hp.normal(0, 1),
    scale: hp.lognormal(0, 1),
    steps: hp.qnormal(0, 1, 0.5),
    size: hp.qlognormal(0, 1, 2),
    one: hp.quniform(1, 7, 4),
    letter: hp.choice(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]),
    flag: hp.choice([[1], [2]]),
  });
  const good: FlatValues = { count: 0, noise: 0, scale: 1, steps: 0.5, size: 4, one: 4, letter: "a", flag: [1] };
  const wrong: readonly [string, FlatValues[string], string][] = [
    ["count", 5, "an integer from 0 to 4"],
    ["noise", "loud", "a number."],
    ["scale", -1, "a number above 0"],
    ["steps", 0.3, "a multiple of 0.5"],
    ["size", -2, "a multiple of 2, at least 0"],
    ["one", 5, "wanted 4."],
    ["letter", "z", 'wanted one of "a", "b", "c", "d", "e", "f", "g", "h" and 2 more'],
    ["flag", [3], 'wanted one of {"option":0}, {"option":1}'],
    ["flag", { kind: "x" }, "wanted one of"],
  ];
  expect(many.encode(good)).toMatchObject({ flag: 0, letter: 0, size: 4 });
  for (const [label, value, wanted] of wrong) expect(() => many.encode({ ...good, [label]: value })).toThrow(wanted);
});

describe("validate", () => {
  it("passes what the space can have produced", () => {
    expect(() => space.validate(assignment)).not.toThrow();
    expect(() => space.validate(JSON.parse(JSON.stringify(assignment)))).not.toThrow();
  });

  const refused: readonly [string, Readonly<Record<string, number>>, string][] = [
    ["an unknown label", { ...assignment, gone: 1 }, "space/invalid"],
    ["a missing one", { lr: 1e-3 }, "space/invalid"],
    ["a number out of bounds", { ...assignment, lr: 1 }, "space/bounds"],
    ["NaN", { ...assignment, lr: Number.NaN }, "space/invalid"],
    ["an option that does not exist", { ...assignment, optimizer: 2 }, "space/invalid"],
    ["half an option", { ...assignment, optimizer: 0.5 }, "space/invalid"],
    ["an inactive parameter", { ...assignment, residual: 0 }, "space/inactive"],
  ];
  for (const [title, wrong, code] of refused) {
    it(`refuses ${title}`, () => {
      expect(() => space.validate(wrong)).toThrow(expect.objectContaining({ code }));
    });
  }
});
