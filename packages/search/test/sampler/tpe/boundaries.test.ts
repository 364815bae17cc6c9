import { compileSpace, createSampler, hp, TrialHistory, type FinishedState, type Space } from "@argmin/search";
import { contextOf } from "@argmin/search/testing";
import { describe, expect, it } from "vitest";

const spaces: Readonly<Record<string, Space>> = {
  "huge ranges": compileSpace({
    real: hp.uniform(-8e307, 8e307),
    log: hp.float(1e-300, 1e300, { log: true }),
    normal: hp.normal(0, 1e300),
    integer: hp.randint(2 ** 53 - 1),
    logInteger: hp.int(1, 1e15, { log: true }),
    fine: hp.float(0, 1, { step: 1e-9 }),
  }),
  "single values": compileSpace({
    multiple: hp.quniform(3, 3.5, 1),
    step: hp.float(1, 1.4, { step: 1 }),
    logStep: hp.float(1, 1.4, { step: 1, log: true }),
    option: hp.choice(["only"]),
    zero: hp.randint(1),
  }),
  "many options, unlikely ones": compileSpace({
    many: hp.choice(Array.from({ length: 100 }, (_, i) => i)),
    unlikely: hp.pchoice([
      [1e-300, "never"],
      [1, "ever"],
    ]),
  }),
  "conditions three deep": compileSpace({
    a: hp.choice([
      {
        b: hp.choice([
          { c: hp.choice([{ x: hp.uniform(0, 1), n: hp.int(1, 5) }, { y: hp.normal(0, 1) }]) },
          { d: hp.qlognormal(0, 1, 2) },
        ]),
      },
      { z: hp.int(1, 1000, { log: true }) },
    ]),
    w: hp.uniform(0, 1),
  }),
};

type Outcome = { readonly state: FinishedState; readonly objective: number; readonly step?: number };

/** What came of trial i; `u` is spread over [0, 1). */
const outcomes: Readonly<Record<string, (i: number, u: number) => Outcome>> = {
  "failed, all of them": () => ({ state: "failed", objective: Number.NaN }),
  "rejected, all of them": () => ({ state: "pruned", objective: Number.NaN }),
  "pruned, all of them": (i, u) => ({ state: "pruned", objective: u, step: i % 4 }),
  "equally good": () => ({ state: "complete", objective: 1 }),
  "infinitely bad or good": (i, u) => ({ state: "complete", objective: i % 3 === 0 ? Infinity : i % 3 === 1 ? -Infinity : u }),
  "huge or tiny": (i, u) => ({ state: "complete", objective: u * (i % 2 === 0 ? 1e308 : 1e-308) }),
  "this and that": (i, u) =>
    i % 3 === 0
      ? { state: "complete", objective: u }
      : i % 3 === 1
        ? { state: "pruned", objective: u < 0.5 ? Number.NaN : u, step: i % 5 }
        : { state: "failed", objective: Number.NaN },
};

describe.each(["tpe", "hyperopt-tpe", "gp"])("%s proposes properly", (name) => {
  describe.each(Object.entries(spaces))("of %s", (_, space) => {
    it.each(Object.entries(outcomes))("from the first trial on, after trials that are %s", (__, outcomeOf) => {
      const sampler = createSampler(name, { startUpTrials: 1 });
      const history = new TrialHistory();
      const pending: ReturnType<typeof sampler.suggest>[] = [];
      for (let number = 0; number < 24; number++) {
        const assignment = sampler.suggest(contextOf(space, { number, history, pending, attempt: number % 4 }));
        space.validate(assignment);
        expect(space.effective(assignment)).toEqual(assignment);
        if (number % 7 === 6) pending.push(assignment);
        else history.append({ sequence: number + 1, number, assignment, ...outcomeOf(number, (number * 0.618034) % 1) });
      }
    });
  });
});
