import { compileSpace, hp, type Space } from "@argmin/search";
import { describe, expect, it } from "vitest";

const labelsOf = (space: Space): readonly string[] => space.parameters.map(({ label }) => label);
const conditionOf = (space: Space, label: string): unknown => space.parameter(label)?.condition;

describe("labels", () => {
  it("are paths through objects and arrays, unless one is given", () => {
    const space = compileSpace({
      optimizer: { lr: hp.uniform(0, 1) },
      layers: [{ units: hp.int(1, 9) }, hp.int(1, 9)],
      named: hp.int(1, 9, { label: "width" }),
    });
    expect(labelsOf(space)).toEqual(["optimizer.lr", "layers[0].units", "layers[1]", "width"]);
  });

  it("go through a choice by what tells its options apart", () => {
    const space = compileSpace({
      optimizer: hp.choice([
        { kind: "sgd", lr: hp.uniform(0, 1) },
        { kind: "adam", lr: hp.uniform(0, 1), inner: { eps: hp.uniform(0, 1) } },
      ]),
    });
    expect(labelsOf(space)).toEqual(["optimizer", "optimizer.sgd.lr", "optimizer.adam.lr", "optimizer.adam.inner.eps"]);
  });

  it("go through a choice by index where nothing tells its options apart", () => {
    const space = compileSpace({
      residual: hp.choice([null, hp.int(1, 4), { a: hp.int(1, 2) }, { a: hp.int(1, 2), kind: "k" }]),
    });
    expect(labelsOf(space)).toEqual(["residual", "residual[1]", "residual[2].a", "residual[3].a"]);
  });

  it("are short where the space is a single parameter or choice", () => {
    expect(labelsOf(compileSpace(hp.uniform(0, 1)))).toEqual(["value"]);
    const choice = compileSpace(hp.choice([{ kind: "a", x: hp.int(1, 2) }, { kind: "b" }, hp.int(5, 6)]));
    expect(labelsOf(choice)).toEqual(["value", "a.x", "[2]"]);
  });

  it("must be of one node each", () => {
    const twice = { a: hp.uniform(0, 1, { label: "x" }), b: [hp.uniform(0, 1, { label: "x" })] };
    expect(() => compileSpace(twice)).toThrow("Two parameters have the label 'x', at 'a' and at 'b[0]'");
    expect(() => compileSpace({ "a.b": hp.int(1, 2), a: { b: hp.int(1, 2) } })).toThrow(
      expect.objectContaining({ code: "space/duplicate-label" }),
    );
  });

  it("must be usable", () => {
    expect(() => compileSpace({ a: hp.int(1, 2, { label: "" }) })).toThrow("at 'a' has the label \"\"");
    expect(() => compileSpace({ a: hp.int(1, 2, { label: "__proto__" }) })).toThrow(
      expect.objectContaining({ code: "space/invalid" }),
    );
    expect(() => compileSpace({ a: { x: hp.int(1, 2, { label: "b" }) }, b: 3 })).toThrow("'b' is also the name of a member");
  });

  it("may be names that every JavaScript object has", () => {
    const space = compileSpace({ constructor: hp.int(1, 3), toString: hp.choice([null, { valueOf: hp.int(1, 2) }]) });
    expect(() => space.decode({})).toThrow("'constructor' is");
    const assignment = { constructor: 2, toString: 1, "toString[1].valueOf": 2 };
    expect(space.decode(assignment)).toEqual({ constructor: 2, toString: { valueOf: 2 } });
    expect(space.encode(space.describe(assignment))).toEqual(assignment);
  });
});

describe("a node that stands in several places", () => {
  const shared = hp.float(1e-6, 1e-2, { log: true });
  const space = compileSpace({
    optimizer: hp.choice([{ kind: "sgd", decay: shared }, { kind: "adam", decay: shared }, { kind: "plain" }]),
    extra: hp.choice([{ again: [shared, shared] }, 0]),
  });

  it("is one parameter with the path of its first place, active in any of them", () => {
    expect(labelsOf(space)).toEqual(["optimizer", "extra", "optimizer.sgd.decay"]);
    expect(conditionOf(space, "optimizer.sgd.decay")).toEqual([
      { label: "optimizer", option: 0 },
      { label: "optimizer", option: 1 },
      { label: "extra", option: 0 },
    ]);
  });

  it("has one value in all of them", () => {
    const sample = space.decode({ optimizer: 1, extra: 0, "optimizer.sgd.decay": 1e-3 });
    expect(sample).toEqual({ optimizer: { kind: "adam", decay: 1e-3 }, extra: { again: [1e-3, 1e-3] } });
    expect(space.effective({ optimizer: 2, extra: 1, "optimizer.sgd.decay": 1e-3 })).toEqual({ optimizer: 2, extra: 1 });
  });

  it("is always active if one of its places is", () => {
    const always = compileSpace({ choice: hp.choice([{ inner: shared }, 1]), outer: shared });
    expect(conditionOf(always, "choice[0].inner")).toBe("always");
  });

  it("may be a choice with everything in it", () => {
    const schedule = hp.choice([null, { warmup: hp.int(1, 5) }]);
    const both = compileSpace({
      a: hp.choice([
        { kind: "x", schedule },
        { kind: "y", schedule },
      ]),
      b: hp.choice([0, schedule]),
    });
    expect(labelsOf(both)).toEqual(["a", "b", "a.x.schedule", "a.x.schedule[1].warmup"]);
    expect(both.decode({ a: 1, b: 1, "a.x.schedule": 1, "a.x.schedule[1].warmup": 4 })).toEqual({
      a: { kind: "y", schedule: { warmup: 4 } },
      b: { warmup: 4 },
    });
  });
});

describe("samples", () => {
  const space = compileSpace({
    fixed: { list: [1, 2] },
    rate: hp.quniform(0, 1, 0.1),
    odd: hp.choice([true, 1, "1", null, [3, 3]]),
  });

  it("hold options, told apart by type", () => {
    const odd = [0, 1, 2, 3, 4].map((option) => space.decode({ rate: 0, odd: option }).odd);
    expect(odd).toEqual([true, 1, "1", null, [3, 3]]);
    expect(new Set([0, 1, 2, 3, 4].map((option) => space.hash({ rate: 0, odd: option }))).size).toBe(5);
  });

  it("are on the step and in bounds whatever the assignment, and written without rounding errors", () => {
    expect(space.decode({ rate: 0.1 * 3, odd: 0 }).rate).toBe(0.3);
    expect(space.effective({ rate: 0.31, odd: 0 })).toEqual({ rate: 0.3, odd: 0 });
    expect(space.effective({ rate: -7, odd: 0 })).toEqual({ rate: 0, odd: 0 });
    expect(space.hash({ rate: 0.31, odd: 0 })).toBe(space.hash({ rate: 0.3, odd: 0, gone: 3 }));
  });

  it("cannot spoil each other by their constant parts", () => {
    const { fixed } = space.decode({ rate: 0, odd: 0 });
    expect(Object.isFrozen(fixed)).toBe(true);
    expect(Object.isFrozen(fixed.list)).toBe(true);
  });

  it("are independent of what becomes of the definition afterwards", () => {
    const options = ["a", "b"];
    const settings = { depth: 3, width: hp.choice(options) };
    const compiled = compileSpace(settings);
    options.push("c");
    settings.depth = 4;
    expect(compiled.size()).toBe(2n);
    expect(compiled.decode({ width: 0 })).toEqual({ depth: 3, width: "a" });
  });

  it("need a number for each active parameter, and an option that exists", () => {
    expect(() => space.decode({ rate: 0 })).toThrow("'odd' is missing; wanted one of true, 1, \"1\", null");
    expect(() => space.decode({ rate: 0, odd: 5 })).toThrow("'odd' has no option number 5; they count from 0 to 4");
    expect(() => space.effective({ rate: Number.NaN, odd: 0 })).toThrow("'rate' is NaN");
  });
});

describe("a definition that is no space", () => {
  class Instance {
    readonly x = 1;
  }
  const looped: { self?: never } = {};
  Object.assign(looped, { self: looped });
  const options: never[] = [];
  const inside = hp.choice(options);
  Object.assign(options, [inside, 1]);
  const parsed: { readonly list: [] } = JSON.parse('{ "list": [{ "__proto__": 1 }] }');
  const cases: readonly [string, () => unknown, string][] = [
    ["NaN", () => compileSpace({ a: [Number.NaN] }), "at 'a[0]' is NaN"],
    ["Infinity", () => compileSpace(Number.POSITIVE_INFINITY), "at the root is Infinity"],
    ["a class's instance", () => compileSpace({ a: Object.assign(new Instance()) }), "is an instance of a class"],
    ["an object in itself", () => compileSpace({ looped }), "contains itself"],
    ["a choice in itself", () => compileSpace(inside), "inside one of its own options"],
    ["a choice without options", () => compileSpace({ a: hp.choice([]) }), "'a': hp.choice of 0 options has no meaning"],
    [
      "equal options",
      () => compileSpace({ a: hp.choice([[1, { b: 2 }], "x", [1, { b: 2 }]]) }),
      "Options 0 and 2 of 'a' are the same",
    ],
    ["a reserved name", () => compileSpace({ a: hp.choice([{ option: hp.int(1, 2) }]) }), "has a member named 'option'"],
    ["a reserved name of a constant", () => compileSpace({ a: hp.choice([{ option: 1 }]) }), "has a member named 'option'"],
    ["__proto__", () => compileSpace(parsed), "member '__proto__'"],
    [
      "no probability for each option",
      () =>
        compileSpace(
          hp.pchoice([
            [0.5, "a"],
            [0.4, "b"],
          ]),
        ),
      "must sum to 1, not 0.9",
    ],
    [
      "a probability of 0",
      () =>
        compileSpace(
          hp.pchoice([
            [0, "a"],
            [1, "b"],
          ]),
        ),
      "above 0 and at most 1, not 0",
    ],
  ];
  for (const [title, compile, message] of cases) {
    it(`is refused: ${title}`, () => {
      expect(compile).toThrow(message);
    });
  }
});
