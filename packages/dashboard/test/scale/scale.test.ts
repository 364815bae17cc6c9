import { compileSpace, hp } from "@argmin/search";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parameterScale } from "../../src/scale/parameter-scale.ts";
import { durationScale, linearScale, logScale, optionScale, type Scale } from "../../src/scale/scale.ts";

const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true });
const positive = fc.double({ min: 1e-300, max: 1e300, noNaN: true });

/** Greater values are never placed lower, and every place and tick is on the axis. */
function expectAxis(scale: Scale, values: readonly number[]): void {
  const places = values.toSorted((a, b) => a - b).map(scale.place);
  expect(places.every((place, i) => place >= 0 && place <= 1 && (i === 0 || place >= places[i - 1]!))).toBe(true);
  for (const most of [1, 2, 7]) {
    const ticks = scale.ticks(most);
    expect(ticks.length).toBeLessThanOrEqual(most);
    expect(ticks.every(({ at, text }) => at >= 0 && at <= 1 && text !== "")).toBe(true);
  }
}

describe("scales", () => {
  it("place any numbers in order between the ends", () => {
    fc.assert(
      fc.property(anyNumber, anyNumber, fc.array(anyNumber), (low, high, values) => {
        expectAxis(linearScale(low, high), values);
        expectAxis(linearScale(low, high, { margin: 0.05, isWhole: true }), values);
      }),
    );
    fc.assert(
      fc.property(positive, positive, fc.array(positive), (low, high, values) =>
        expectAxis(logScale(low, high, { margin: 0.05 }), values),
      ),
    );
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.array(fc.nat()), (low, high, values) => expectAxis(durationScale(low, high), values)),
    );
  });

  it("have no place for what is no number, nor a logarithm for what has none", () => {
    expect(linearScale(0, 1).place(Number.NaN)).toBeNaN();
    expect(logScale(1, 10).place(0)).toBeNaN();
    expect(logScale(1, 10).place(-1)).toBeNaN();
    expect(optionScale(["a", "b"]).place(2)).toBeNaN();
  });

  it("put what lies beyond at the end", () => {
    expect(linearScale(0, 1).place(Number.POSITIVE_INFINITY)).toBe(1);
    expect(linearScale(0, 1).place(-5)).toBe(0);
  });

  it("give each option an equal share", () => {
    expect(["a", "b"].map((_, i) => optionScale(["a", "b"]).place(i))).toEqual([0.25, 0.75]);
  });

  it("write ticks so that they differ, with equal decimals", () => {
    expect(
      linearScale(0, 0.6)
        .ticks(4)
        .map(({ text }) => text),
    ).toEqual(["0.0", "0.2", "0.4", "0.6"]);
    expect(
      linearScale(-20_000, 0)
        .ticks(3)
        .map(({ text }) => text),
    ).toEqual(["−20,000", "−10,000", "0"]);
    expect(
      logScale(1e-6, 1)
        .ticks(7)
        .map(({ text }) => text),
    ).toEqual(["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1"]);
    expect(
      logScale(1e-3, 100)
        .ticks(7)
        .map(({ text }) => text),
    ).toEqual(["0.001", "0.01", "0.1", "1", "10", "100"]);
    fc.assert(
      fc.property(
        fc.double({ min: -1e5, max: 1e5, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
        (low, span) => {
          const texts = linearScale(low, low + span)
            .ticks(8)
            .map(({ text }) => text);
          expect(new Set(texts).size).toBe(texts.length);
        },
      ),
    );
  });
});

describe("the scale of a parameter", () => {
  const space = compileSpace({
    rate: hp.loguniform(-5, 0),
    units: hp.quniform(1, 4, 1),
    pooling: hp.choice(["max", "average"]),
    noise: hp.normal(0, 1),
    wide: hp.lognormal(0, 2),
    only: hp.randint(1),
  });
  const scaleOf = (label: string, values: readonly number[] = []): Scale => parameterScale(space.parameter(label)!, values);

  it("is that of the space", () => {
    expect(scaleOf("rate").place(Math.exp(-2.5))).toBeCloseTo(0.5, 12);
    expect([1, 2, 3, 4].map(scaleOf("units").place)).toEqual([0.125, 0.375, 0.625, 0.875]);
    expect(
      scaleOf("pooling")
        .ticks(9)
        .map(({ text }) => text),
    ).toEqual(["max", "average"]);
  });

  it("reaches to the last value where the space has no bounds", () => {
    expect(scaleOf("noise", [40]).place(40)).toBe(1);
    expect(scaleOf("noise", [40]).place(0)).toBeLessThan(0.2);
    expect(scaleOf("wide", [1]).place(1)).toBeCloseTo(0.5, 12);
    expect(scaleOf("noise", [Number.POSITIVE_INFINITY]).place(0)).toBeCloseTo(0.5, 12);
  });

  it("calls the option null none, unless another one is called so", () => {
    const { parameters } = compileSpace({
      residual: hp.choice([null, hp.quniform(1, 4, 1, { label: "units" })]),
      colour: hp.choice([null, "none", false]),
    });
    const textsOf = (label: string): readonly string[] =>
      parameterScale(parameters.find((parameter) => parameter.label === label)!)
        .ticks(9)
        .map(({ text }) => text);
    expect(textsOf("residual")).toEqual(["none", "units"]);
    expect(textsOf("colour")).toEqual(["null", "none", "false"]);
  });

  it("has room for a parameter of one value", () => {
    expect(scaleOf("only").place(0)).toBeCloseTo(0.5, 12);
  });
});
