import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { schedule, type Schedule, type ScheduledStep } from "@argmin/nn";
import { scheduledStep } from "../../src/training/schedules.ts";
import { expectClose, readFixture, type ScheduleCase } from "../fixtures.ts";

const fixture = readFixture("schedules.json");

function scheduleOf(test: ScheduleCase): Schedule {
  switch (test.kind) {
    case "step":
      return schedule.step(test.options);
    case "exponential":
      return schedule.exponential(test.options);
    case "cosine":
      return schedule.cosine(test.options);
    case "oneCycle":
      return schedule.oneCycle(test.options);
    default:
      return schedule.warmUp(test.options, schedule.cosine());
  }
}

/** What a schedule says of each step of a training. */
function course(given: Schedule, stepsPerEpoch: number, epochs: number): readonly ScheduledStep[] {
  return Array.from({ length: stepsPerEpoch * epochs }, (_, step) => scheduledStep(given, { step, stepsPerEpoch, epochs }));
}

const factors = (given: Schedule, stepsPerEpoch: number, epochs: number): readonly number[] =>
  course(given, stepsPerEpoch, epochs).map(({ factor }) => factor);

describe("schedules go as PyTorch's", () => {
  for (const test of fixture.cases) {
    it(`${test.kind} ${JSON.stringify(test.options)}`, () => {
      const steps = course(scheduleOf(test), fixture.stepsPerEpoch, fixture.epochs);
      expectClose(
        steps.map(({ factor }) => factor),
        test.factors,
        "factor",
        1e-6,
        1e-6,
      );
      if (test.momenta === undefined) expect(steps.every(({ momentum }) => momentum === undefined)).toBe(true);
      else
        expectClose(
          steps.map(({ momentum }) => momentum ?? NaN),
          test.momenta,
          "momentum",
          1e-6,
        );
    });
  }
});

describe("schedules", () => {
  it("start and end where they are told to, however long the training is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (stepsPerEpoch, epochs) => {
        const total = stepsPerEpoch * epochs;
        const all = [
          schedule.oneCycle(),
          schedule.oneCycle({ threePhases: true }),
          schedule.cosine(),
          schedule.warmUp({ epochs: 1 }),
        ];
        for (const given of all) {
          const values = factors(given, stepsPerEpoch, epochs);
          expect(values.every((value) => value >= 0 && value <= 1 + 1e-12)).toBe(true);
        }
        if (total > 1)
          expect(factors(schedule.oneCycle({ start: 0.2, end: 0.01 }), stepsPerEpoch, epochs).at(-1)).toBeCloseTo(0.01, 12);
        expect(factors(schedule.cosine({ end: 0.1 }), stepsPerEpoch, epochs)[0]).toBe(1);
        // Beyond the end, where a training was made longer by hand, nothing starts anew.
        const beyond = { step: total + 3, stepsPerEpoch, epochs };
        expect(scheduledStep(schedule.oneCycle({ end: 0.01 }), beyond).factor).toBeCloseTo(0.01, 12);
        expect(scheduledStep(schedule.cosine({ end: 0.1 }), beyond).factor).toBeCloseTo(0.1, 12);
      }),
    );
  });

  it("warm up to any other, which then has the rest", () => {
    const warm = schedule.warmUp({ steps: 4 }, schedule.step({ after: [2], factor: 0.5 }));
    expect(factors(warm, 2, 5)).toEqual([0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 0.5, 0.5]);
    const cycled = schedule.warmUp({ epochs: 1, start: 0.5 }, () => ({ factor: 3, momentum: 0.7 }));
    expect(course(cycled, 2, 2)).toEqual([
      { factor: 0.5, momentum: 0.7 },
      { factor: 1.75, momentum: 0.7 },
      { factor: 3, momentum: 0.7 },
      { factor: 3, momentum: 0.7 },
    ]);
    // Longer than the training: it is over before the other begins.
    expect(factors(schedule.warmUp({ epochs: 4 }, schedule.cosine()), 1, 2)).toEqual([0, 0.25]);
  });

  it("of one's own are functions", () => {
    expect(factors(({ step, stepsPerEpoch }) => 1 / (1 + Math.floor(step / stepsPerEpoch)), 2, 2)).toEqual([1, 1, 0.5, 0.5]);
    expect(factors(schedule.constant(0.5), 1, 2)).toEqual([0.5, 0.5]);
    expect(() => course(() => NaN, 1, 1)).toThrow(
      "The learning-rate schedule gives NaN at step 0; it must give a finite number, at least 0.",
    );
    expect(() => course(() => ({ factor: 1, momentum: 2 }), 1, 1)).toThrow(
      "The learning-rate schedule gives a momentum of 2 at step 0; it must be between 0 and 1.",
    );
  });

  it.each<readonly [string, () => Schedule, string]>([
    [
      "step",
      () => schedule.step({ every: 0 }),
      "The number of epochs of a step schedule must be a finite number above 0, not 0.",
    ],
    ["exponential", () => schedule.exponential({ factor: -1 }), "The factor of an exponential schedule must be"],
    ["cosine", () => schedule.cosine({ end: NaN }), "The end of a cosine schedule must be a finite number, at least 0, not NaN."],
    [
      "restarts",
      () => schedule.cosine({ restarts: { first: 1, growth: 0.5 } }),
      "The growth of a cosine schedule's periods must be",
    ],
    ["rise", () => schedule.oneCycle({ rise: 1 }), "The rise of a one-cycle schedule must be above 0 and below 1, not 1."],
    [
      "three phases",
      () => schedule.oneCycle({ rise: 0.5, threePhases: true }),
      "below 0.5 where there are three phases, not 0.5.",
    ],
    ["annealing", () => schedule.oneCycle(JSON.parse('{"annealing":"cos"}')), 'anneals "cosine" or "linear", not "cos".'],
    [
      "momentum",
      () => schedule.oneCycle({ momentum: [0.9, 0.8] }),
      "the lowest and the highest, between 0 and 1, not [0.9,0.8].",
    ],
    ["warm-up", () => schedule.warmUp({ epochs: 0 }), "The length of a warm-up must be a finite number above 0, not 0."],
  ])("refuse numbers out of range: %s", (_name, make, message) => {
    expect(make).toThrow(message);
  });
});
