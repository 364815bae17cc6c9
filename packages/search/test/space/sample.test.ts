import { compileSpace, hp, type Sample, type Space, type SpaceDefinition } from "@argmin/search";
import { describe, expect, expectTypeOf, it } from "vitest";

describe("the type of a sample", () => {
  it("keeps the structure, with numbers in the places of parameters and constants as they are", () => {
    const space = compileSpace({
      lr: hp.loguniform(-5, 0),
      epochs: 3,
      tags: ["a", hp.int(1, 2)],
      nested: { flag: true, none: null },
    });
    expectTypeOf<ReturnType<typeof space.decode>>().toEqualTypeOf<{
      readonly lr: number;
      readonly epochs: 3;
      readonly tags: readonly ["a", number];
      readonly nested: { readonly flag: true; readonly none: null };
    }>();
  });

  it("has the union of a choice's options, literals kept apart", () => {
    const space = compileSpace({
      activation: hp.choice(["relu", "tanh"]),
      odd: hp.choice([null, 1, "1", true]),
      weighted: hp.pchoice([
        [0.5, 16],
        [0.5, hp.uniform(0, 1)],
      ]),
    });
    expectTypeOf<Sample<typeof space>>().toEqualTypeOf<{
      readonly activation: "relu" | "tanh";
      readonly odd: null | 1 | "1" | true;
      readonly weighted: number;
    }>();
  });

  it("is a discriminated union where the options are objects, so that an inactive parameter cannot be read", () => {
    const space = compileSpace({
      optimizer: hp.choice([
        { kind: "sgd", momentum: hp.uniform(0, 0.99) },
        { kind: "adam", beta: hp.uniform(0.8, 0.999), schedule: hp.choice([null, { warmup: hp.int(1, 5) }]) },
      ]),
    });
    const { optimizer } = space.decode({ optimizer: 0, "optimizer.sgd.momentum": 0.5 });
    expectTypeOf(optimizer).toEqualTypeOf<
      | { readonly kind: "sgd"; readonly momentum: number }
      | { readonly kind: "adam"; readonly beta: number; readonly schedule: null | { readonly warmup: number } }
    >();
    // @ts-expect-error: only one of the options has a momentum.
    const unchecked: unknown = optimizer.momentum;
    expect(unchecked).toBe(0.5);
    if (optimizer.kind === "sgd") {
      expectTypeOf(optimizer.momentum).toEqualTypeOf<number>();
      // @ts-expect-error: sgd has no beta.
      expect(optimizer.beta).toBeUndefined();
    } else {
      expectTypeOf(optimizer.schedule).toEqualTypeOf<null | { readonly warmup: number }>();
    }
  });

  it("is the same from the definition as from the compiled space", () => {
    const definition = { a: hp.choice([hp.int(1, 2), "x"]), b: [hp.normal(0, 1)] } as const;
    const space = compileSpace(definition);
    expectTypeOf<Sample<typeof space>>().toEqualTypeOf<Sample<typeof definition>>();
    expectTypeOf<Sample<typeof definition>>().toEqualTypeOf<{ readonly a: number | "x"; readonly b: readonly [number] }>();
  });

  it("may be a single value or an array", () => {
    const single = compileSpace(hp.uniform(0, 1));
    expectTypeOf<Sample<typeof single>>().toEqualTypeOf<number>();
    const array = compileSpace([hp.uniform(0, 1), "x"]);
    expectTypeOf<Sample<typeof array>>().toEqualTypeOf<readonly [number, "x"]>();
  });

  it("does not bind functions that take any space", () => {
    const space = compileSpace({ lr: hp.uniform(0, 1) });
    const anySpace: Space = space;
    expectTypeOf<Sample<typeof anySpace>>().toEqualTypeOf<unknown>();
    expectTypeOf<Sample<SpaceDefinition>>().toEqualTypeOf<unknown>();
    expectTypeOf<Sample<null | 1 | readonly ["x"]>>().toEqualTypeOf<null | 1 | readonly ["x"]>();
  });

  it("refuses what JSON cannot say", () => {
    // @ts-expect-error: a function is no part of a space.
    expect(() => compileSpace({ activation: () => 1 })).toThrow("function");
    // @ts-expect-error: undefined is no part of a space.
    expect(() => compileSpace({ activation: undefined })).toThrow("undefined");
    // @ts-expect-error: a number is no label.
    expect(() => compileSpace(hp.uniform(0, 1, { label: 3 }))).toThrow("label");
  });
});
