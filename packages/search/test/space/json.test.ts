import type { JsonObject, JsonValue } from "@argmin/base";
import { compileSpace, hp, spaceFromJson } from "@argmin/search";
import { conditionalSpace, spacesAtTheEdge, spacesOfEachDistribution } from "@argmin/search/testing";
import { describe, expect, it } from "vitest";

const throughText = (value: JsonValue): JsonValue => JSON.parse(JSON.stringify(value));

describe("a space as JSON", () => {
  for (const [title, space] of Object.entries({
    ...spacesOfEachDistribution,
    ...spacesAtTheEdge,
    conditional: conditionalSpace,
  })) {
    it(`comes back equal: ${title}`, () => {
      const again = spaceFromJson(throughText(space.toJson()));
      expect(again.toJson()).toEqual(space.toJson());
      expect(again.parameters).toEqual(space.parameters);
    });
  }

  it("keeps types and odd names of options apart", () => {
    const space = compileSpace({
      odd: hp.choice([true, 1, "1", null, { constructor: [] }, "ünïcödé\u2028"]),
      "a.b": { " ": hp.int(1, 2) },
    });
    const again = spaceFromJson(throughText(space.toJson()));
    for (const odd of [0, 1, 2, 3, 4, 5]) expect(again.decode({ odd, "a.b. ": 1 })).toEqual(space.decode({ odd, "a.b. ": 1 }));
  });

  it("has frozen constants, as the space it was made from", () => {
    const again = spaceFromJson(throughText(compileSpace({ fixed: { list: [1] }, x: hp.int(1, 2) }).toJson()));
    const sample = again.decode({ x: 1 });
    expect(sample).toEqual({ fixed: { list: [1] }, x: 1 });
    expect(Object.isFrozen(Object.values(Object(sample))[0])).toBe(true);
  });

  it("does not depend on the definition's object", () => {
    const document = compileSpace({ a: hp.uniform(0, 1) }).toJson();
    expect(document).toMatchObject({ format: "argmin-space", version: 1 });
  });
});

describe("a document that is no space", () => {
  const good = compileSpace({ x: hp.uniform(0, 1), c: hp.choice(["a", { y: hp.int(1, 2) }]) }).toJson();
  const uniform: JsonObject = { kind: "uniform", low: 0, high: 1 };
  const choiceOf = (label: string): JsonObject => ({ kind: "choice", weights: null, options: [{ kind: "parameter", label }] });
  const withParameters = (parameters: JsonValue, sample: JsonValue = { kind: "parameter", label: "x" }): JsonObject => ({
    ...good,
    parameters,
    sample,
  });
  const cases: readonly [string, JsonValue, string][] = [
    ["no object", [1], "In the document of a space, the document of a space is [1]; wanted an object"],
    ["another format", { ...good, format: "x" }, '\'format\' is "x"; wanted "argmin-space"'],
    ["no format", { parameters: [] }, "'format' is missing"],
    ["a newer version", { ...good, version: 2 }, "'version' is 2; wanted 1; a newer argmin wrote it"],
    ["no list of parameters", { ...good, parameters: {} }, "'parameters' is {}; wanted an array"],
    [
      "a parameter without label",
      withParameters([{ distribution: uniform }]),
      ".parameters[0], 'label' is missing; wanted a text",
    ],
    ["a label that cannot be used", withParameters([{ label: "__proto__", distribution: uniform }]), "wanted a usable label"],
    ["no distribution", withParameters([{ label: "x" }]), "parameters[0].distribution is undefined; wanted an object"],
    [
      "an unknown distribution",
      withParameters([{ label: "x", distribution: { kind: "triangular" } }]),
      "'kind' is \"triangular\"; wanted one of uniform, quniform",
    ],
    [
      "a name that all objects have",
      withParameters([{ label: "x", distribution: { kind: "toString" } }]),
      "'kind' is \"toString\"",
    ],
    [
      "a missing bound",
      withParameters([{ label: "x", distribution: { kind: "uniform", low: 0 } }]),
      "'high' is missing; wanted a number",
    ],
    [
      "a text for a bound",
      withParameters([{ label: "x", distribution: { ...uniform, low: "0" } }]),
      "'low' is \"0\"; wanted a number",
    ],
    [
      "a number for a flag",
      withParameters([{ label: "x", distribution: { ...uniform, kind: "float", log: 1, step: null } }]),
      "'log' is 1; wanted true or false",
    ],
    [
      "low above high",
      withParameters([{ label: "x", distribution: { ...uniform, low: 2 } }]),
      "'x': hp.uniform(2, 1) has no meaning",
    ],
    [
      "a weight that is none",
      withParameters([{ label: "x", distribution: { ...choiceOf("x"), weights: [null] } }]),
      "weights[0] is null; wanted a number",
    ],
    [
      "an option that is none",
      withParameters([{ label: "x", distribution: { ...choiceOf("x"), options: [1] } }]),
      "options[0] is 1; wanted an object",
    ],
    [
      "two parameters of one label",
      withParameters([
        { label: "x", distribution: uniform },
        { label: "x", distribution: uniform },
      ]),
      "label 'x'",
    ],
    [
      "a reference to nothing",
      withParameters([{ label: "x", distribution: uniform }], { kind: "parameter", label: "y" }),
      "refers to a parameter 'y'",
    ],
    [
      "a parameter without a place",
      withParameters([{ label: "x", distribution: uniform }], { kind: "constant", value: 1 }),
      "'x' is used nowhere",
    ],
    ["a choice in itself", withParameters([{ label: "x", distribution: choiceOf("x") }]), "inside one of its own options"],
    [
      "two choices in each other",
      withParameters([
        { label: "x", distribution: choiceOf("y") },
        { label: "y", distribution: choiceOf("x") },
      ]),
      "inside one of its own options",
    ],
    ["an unknown part", withParameters([], { kind: "loop" }), "'kind' is \"loop\"; wanted constant, parameter, array or object"],
    ["a constant without value", withParameters([], { kind: "constant" }), "the value of a constant is missing"],
    ["__proto__", withParameters([], JSON.parse('{ "kind": "constant", "value": { "__proto__": 1 } }')), "__proto__"],
  ];
  for (const [title, document, message] of cases) {
    it(`is refused: ${title}`, () => {
      expect(() => spaceFromJson(document)).toThrow(message);
      expect(() => spaceFromJson(document)).toThrow(expect.objectContaining({ name: "ArgminError" }));
    });
  }
});
