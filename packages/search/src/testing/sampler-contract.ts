import { isArgminError, type JsonObject, type JsonValue, Rng } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { type FinishedState, type History, TrialHistory } from "../sampler/history.ts";
import type { Sampler, SuggestContext } from "../sampler/sampler.ts";
import { compileSpace } from "../space/compile.ts";
import { quantile } from "../space/domain.ts";
import { hp } from "../space/hp.ts";
import type { Assignment, Space } from "../space/space.ts";
import { conditionalSpace, finiteSpace, spacesAtTheEdge, spacesOfEachDistribution } from "./spaces.ts";

/** What a sampler promises beyond the interface. */
export type SamplerTraits = {
  /** Proposes every configuration of a finite space once and is exhausted then; otherwise it never runs out. */
  readonly exhaustive: boolean;
  /** Proposals do not depend on the order in which the space's parameters are defined. */
  readonly orderFree: boolean;
  /** Proposals do not depend on the history. */
  readonly ignoresHistory: boolean;
};

export type SamplerUnderTest = {
  readonly name: string;
  /** Makes the sampler with settings under which it takes every space; with `settings`, exactly those. */
  readonly make: (settings?: JsonObject) => Sampler;
  readonly traits: SamplerTraits;
};

const proposalsEach = 60;

/**
 * The tests that every sampler passes, whatever its strategy.
 *
 * @remarks Call it at the top level of a test file of vitest.
 */
export function describeSampler({ name, make, traits }: SamplerUnderTest): void {
  describe(`sampler ${name}`, () => {
    describe("stays in bounds and on the step", () => {
      for (const [title, space] of Object.entries({ ...spacesOfEachDistribution, ...spacesAtTheEdge })) {
        it(title, () => {
          expectProper(space, propose(make(), space));
        });

        it(`${title}, after forty trials`, () => {
          const history = observed(space, 40, (i) => (i * 7) % 13);
          expectProper(space, propose(make(), space, { history, count: 20 }));
        });
      }
    });

    it("proposes values for the active parameters of a conditional space, and for no others", () => {
      expectProper(conditionalSpace, propose(make(), conditionalSpace));
      expectProper(finiteSpace, propose(make(), finiteSpace));
    });

    describe("takes any history", () => {
      for (const [title, history] of Object.entries(histories(conditionalSpace))) {
        it(title, () => {
          expectProper(conditionalSpace, propose(make(), conditionalSpace, { history, from: history.length, count: 20 }));
        });
      }

      it("of a space that was another one before", () => {
        const before = compileSpace({ epochs: hp.int(1, 9), batchSize: hp.uniform(-50, 5000), gone: hp.uniform(0, 1) });
        for (const history of Object.values(histories(before))) {
          expectProper(conditionalSpace, propose(make(), conditionalSpace, { history, count: 10 }));
        }
      });

      it("and leaves it as it was", () => {
        const history = observed(conditionalSpace, 40, (i) => i % 7);
        const before = snapshot(history, conditionalSpace);
        propose(make(), conditionalSpace, { history, count: 10 });
        expect(snapshot(history, conditionalSpace)).toEqual(before);
      });
    });

    it("proposes the same from the same seed, in whatever order it is asked", () => {
      const history = observed(conditionalSpace, 30, (i) => (i * 5) % 11);
      const forwards = propose(make(), conditionalSpace, { history, count: 20 });
      const sampler = make();
      const backwards = Array.from({ length: 20 }, (_, i) =>
        sampler.suggest(contextOf(conditionalSpace, { history, number: 19 - i })),
      );
      expect(backwards.toReversed()).toEqual(forwards);
    });

    it("proposes what follows from its context alone, not from what it was asked before", () => {
      const sampler = make();
      const other = compileSpace({ batchSize: hp.int(1, 4), extra: hp.choice(["x", "y"]) });
      const alone = propose(make(), conditionalSpace, { count: 5 });
      propose(sampler, other, { count: 3 });
      expect(propose(sampler, conditionalSpace, { count: 5 })).toEqual(alone);
      expect(propose(sampler, conditionalSpace, { count: 5 })).toEqual(alone);
    });

    it("is made again from its own settings as JSON", () => {
      const sampler = make();
      const settings: JsonValue = JSON.parse(JSON.stringify(sampler.settings));
      const again = make(asObject(settings));
      expect(again.name).toBe(sampler.name);
      expect(again.settings).toEqual(sampler.settings);
      expect(propose(again, conditionalSpace, { count: 10 })).toEqual(propose(sampler, conditionalSpace, { count: 10 }));
    });

    if (traits.ignoresHistory) {
      it("does not look at the history", () => {
        const history = observed(conditionalSpace, 50, (i) => -i);
        expect(propose(make(), conditionalSpace, { history })).toEqual(propose(make(), conditionalSpace));
      });
    }

    if (traits.orderFree) {
      it("does not depend on the order of the parameters", () => {
        const members = { a: hp.uniform(0, 1), b: hp.choice([hp.normal(0, 1, { label: "n" }), "x"]), c: hp.int(1, 9) };
        const forwards = compileSpace({ a: members.a, b: members.b, c: members.c });
        const backwards = compileSpace({ c: members.c, b: members.b, a: members.a });
        expect(propose(make(), backwards)).toEqual(propose(make(), forwards));
      });
    }

    if (traits.exhaustive) {
      it("proposes every configuration of a finite space exactly once, whatever is enqueued between, then is exhausted", () => {
        const proposals = propose(make(), finiteSpace, { count: Number(finiteSpace.size()) });
        const hashes = new Set(proposals.map((proposal) => finiteSpace.hash(proposal)));
        expect(BigInt(hashes.size)).toBe(finiteSpace.size());
        const enqueuedBetween = proposals.map((_, index) =>
          make().suggest(contextOf(finiteSpace, { number: index * 3 + 5, index })),
        );
        expect(enqueuedBetween).toEqual(proposals);
        const beyond = contextOf(finiteSpace, { number: hashes.size });
        expect(() => make().suggest(beyond)).toThrow(expect.objectContaining({ code: "sampler/exhausted" }));
      });
    }

    if (!traits.exhaustive) {
      it("has another idea when its first is turned down", () => {
        const sampler = make();
        const hashes = Array.from({ length: 10 }, (_, attempt) => {
          return conditionalSpace.hash(sampler.suggest(contextOf(conditionalSpace, { number: 3, attempt })));
        });
        expect(new Set(hashes).size).toBeGreaterThan(5);
      });
    }

    if (!traits.exhaustive) {
      it("proposes something else from another seed", () => {
        const proposals = propose(make(), conditionalSpace, { seed: 1, count: 5 });
        expect(propose(make(), conditionalSpace, { seed: 2, count: 5 })).not.toEqual(proposals);
      });
    }
  });
}

type Circumstances = {
  readonly seed?: number;
  readonly number?: number;
  /** The number unless said otherwise: nobody enqueued anything. */
  readonly index?: number;
  readonly attempt?: number;
  readonly history?: History;
  readonly pending?: readonly Assignment[];
};

/** A context as a study makes it. */
export function contextOf(
  space: Space,
  { seed = 7, number = 0, index = number, attempt = 0, history = new TrialHistory(), pending = [] }: Circumstances = {},
): SuggestContext {
  const studyRng = Rng.fromSeed(seed).split("sampler");
  return { space, rng: studyRng.split(number, attempt), studyRng, number, index, attempt, history, pending };
}

/** The proposals for consecutive trials; fewer than `count` if the sampler is exhausted. */
function propose(
  sampler: Sampler,
  space: Space,
  { count = proposalsEach, from = 0, ...circumstances }: Circumstances & { readonly count?: number; readonly from?: number } = {},
): readonly Assignment[] {
  const proposals: Assignment[] = [];
  for (let number = from; number < from + count; number++) {
    try {
      proposals.push(sampler.suggest(contextOf(space, { ...circumstances, number })));
    } catch (error) {
      if (isArgminError(error, "sampler/exhausted")) break;
      throw error;
    }
  }
  return proposals;
}

function expectProper(space: Space, proposals: readonly Assignment[]): void {
  expect(proposals.length).toBeGreaterThan(0);
  for (const proposal of proposals) {
    space.validate(proposal);
    expect(space.effective(proposal)).toEqual(proposal);
  }
}

/** A history of trials drawn by chance; trial i has the objective, or the state, that `outcome(i)` says. */
function observed(space: Space, count: number, outcome: (i: number) => number | FinishedState): TrialHistory {
  const history = new TrialHistory();
  for (let i = 0; i < count; i++) {
    const result = outcome(i);
    const assignment: Record<string, number> = {};
    const rng = Rng.fromSeed("observed").split(i);
    for (const { label, domain } of space.parameters) assignment[label] = quantile(domain, rng.split(label).float());
    history.append({
      sequence: i + 1,
      number: i,
      state: typeof result === "number" ? "complete" : result,
      objective: typeof result === "number" ? result : Number.NaN,
      assignment: space.effective(assignment),
    });
  }
  return history;
}

function histories(space: Space): { readonly [title: string]: TrialHistory } {
  return {
    "that is empty": observed(space, 0, () => 0),
    "of one trial": observed(space, 1, () => 1),
    "of trials that all failed": observed(space, 40, () => "failed"),
    "of trials that were all pruned": observed(space, 40, () => "pruned"),
    "of trials that are all equally good": observed(space, 40, () => 0.5),
    "of ordinary trials": observed(space, 120, (i) => Math.sin(i)),
    "with infinite objectives": observed(space, 40, (i) => [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, i][i % 3]!),
    "with huge and tiny objectives": observed(space, 40, (i) => (i % 2 === 0 ? 1e308 : -1e-308)),
  };
}

function snapshot(history: History, space: Space): JsonValue {
  const columns = space.parameters.map(({ label }) => {
    const { values, rows } = history.column(label);
    return [label, [...values], [...rows]];
  });
  return [history.length, [...history.numbers], [...history.objectives], [...history.states], ...columns];
}

function asObject(value: JsonValue): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("internal: settings are an object.");
  return Object.fromEntries(Object.entries(value));
}
