import { isArgminError, ManualClock } from "@argmin/base";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryStorage } from "../../src/storage/memory.ts";
import { openSqliteStorage } from "../../src/storage/sqlite/open.ts";
import type { Lease, Storage } from "../../src/storage/storage.ts";
import { temporaryFolder } from "./opened.ts";

type Held = { readonly number: number; readonly token: number };

/** What somebody may do to a study, whether it makes sense at that moment or not, and with what. */
type Steps = {
  add: object;
  addAs: { readonly number: number };
  claim: object;
  list: object;
  enqueue: { readonly x: number; readonly skipIfExists: boolean };
  wait: { readonly ms: number };
  complete: Held & { readonly value: number };
  prune: Held;
  fail: Held;
  pause: Held & { readonly step: number };
  promote: { readonly number: number };
  release: Held;
  lose: Held;
  renew: Held;
  update: Held & { readonly step: number; readonly loss: number };
};
type StepName = keyof Steps;
type StepOf<N extends StepName> = { [K in N]: { readonly name: K; readonly by: Steps[K] } }[N];
type Step = StepOf<StepName>;

type Subject = { readonly storage: Storage; readonly study: number };

const claim = { worker: "w", leaseMs: 300 };

async function add({ storage, study }: Subject, wanted?: number): Promise<unknown> {
  const { added } = await storage.changes(study, { number: 0, sequence: 0 });
  const number = wanted ?? added.length;
  return storage.addRunning(study, { number, assignment: { x: number }, hash: `${number % 3}`, historySequence: 0 }, claim);
}

function leaseOf({ study }: Subject, { number, token }: Held): Lease {
  return { study, number, token };
}

const perform: { readonly [N in StepName]: (subject: Subject, by: Steps[N]) => Promise<unknown> } = {
  add: (subject) => add(subject),
  addAs: (subject, { number }) => add(subject, number),
  claim: ({ storage, study }) => storage.claimWaiting(study, claim),
  list: ({ storage, study }) => storage.trials(study, ["waiting", "complete"]),
  enqueue: ({ storage, study }, { x, skipIfExists }) =>
    storage.enqueue(study, { assignment: { x }, hash: `${x}`, attributes: { x }, historySequence: 0, skipIfExists }),
  wait: async () => undefined,
  complete: (subject, by) => subject.storage.finish(leaseOf(subject, by), { state: "complete", value: by.value }),
  prune: (subject, by) =>
    subject.storage.finish(leaseOf(subject, by), { state: "pruned", value: 1, reason: "no" }, { attributes: { last: true } }),
  fail: (subject, by) =>
    subject.storage.finish(leaseOf(subject, by), { state: "failed", error: { message: "no", stack: "here" } }),
  pause: (subject, { step, ...by }) =>
    subject.storage.finish(leaseOf(subject, by), { state: "paused", value: step / 2, step, reason: "wait" }),
  promote: ({ storage, study }, { number }) => storage.promote(study, number, claim),
  release: (subject, by) => subject.storage.release(leaseOf(subject, by)),
  lose: (subject, by) => subject.storage.lose(leaseOf(subject, by), "gone"),
  // A lease has the study's id in it, which each storage numbers for itself.
  renew: async (subject, by) => (await subject.storage.renew([leaseOf(subject, by)], 700)).length,
  update: (subject, by) => {
    const reports = [{ step: by.step, phase: "", metrics: { loss: by.loss } }];
    return subject.storage.update(leaseOf(subject, by), { reports, attributes: { [`step ${by.step}`]: by.step } });
  },
};

/** Mostly leases that are or were there. */
const held = { number: fc.integer({ min: 0, max: 5 }), token: fc.integer({ min: 1, max: 3 }) };

const inputs: { readonly [N in StepName]: { readonly weight: number; readonly by: fc.Arbitrary<Steps[N]> } } = {
  add: { weight: 3, by: fc.constant({}) },
  addAs: { weight: 1, by: fc.record({ number: held.number }) },
  claim: { weight: 4, by: fc.constant({}) },
  list: { weight: 1, by: fc.constant({}) },
  enqueue: { weight: 1, by: fc.record({ x: fc.integer({ min: 0, max: 3 }), skipIfExists: fc.boolean() }) },
  wait: { weight: 1, by: fc.record({ ms: fc.integer({ min: 1, max: 500 }) }) },
  // Databases do not tell -0 from 0.
  complete: {
    weight: 3,
    by: fc.record({ ...held, value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0) }),
  },
  prune: { weight: 1, by: fc.record(held) },
  fail: { weight: 1, by: fc.record(held) },
  pause: { weight: 4, by: fc.record({ ...held, step: fc.integer({ min: 0, max: 3 }) }) },
  promote: { weight: 4, by: fc.record({ number: held.number }) },
  release: { weight: 1, by: fc.record(held) },
  lose: { weight: 2, by: fc.record(held) },
  renew: { weight: 1, by: fc.record(held) },
  update: { weight: 2, by: fc.record({ ...held, step: fc.integer({ min: 0, max: 3 }), loss: fc.double() }) },
};

function stepsNamed<N extends StepName>(name: N): fc.WeightedArbitrary<StepOf<N>> {
  const { weight, by } = inputs[name];
  return { weight, arbitrary: by.map((value): StepOf<N> => ({ name, by: value })) };
}

const step: fc.Arbitrary<Step> = fc.oneof(
  stepsNamed("add"),
  stepsNamed("addAs"),
  stepsNamed("claim"),
  stepsNamed("list"),
  stepsNamed("enqueue"),
  stepsNamed("wait"),
  stepsNamed("complete"),
  stepsNamed("prune"),
  stepsNamed("fail"),
  stepsNamed("pause"),
  stepsNamed("promote"),
  stepsNamed("release"),
  stepsNamed("lose"),
  stepsNamed("renew"),
  stepsNamed("update"),
);

describe("SQLite does what memory does", () => {
  const clock = new ManualClock(1000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let sqlite: Storage;
  let studies = 0;

  beforeAll(async () => {
    folder = await temporaryFolder();
    sqlite = await openSqliteStorage(`${folder.path}/studies.db`, { clock });
  });
  afterAll(async () => {
    await sqlite.close();
    await folder.remove();
  });

  it("whatever is done to it, in whatever order", async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      studies += 1;
      const [real, model] = [await subjectOn(sqlite), await subjectOn(new MemoryStorage({ clock }))];
      for (const one of steps) {
        if (one.name === "wait") clock.advance(one.by.ms);
        expect(await resultOf(real, one)).toEqual(await resultOf(model, one));
      }
      expect(await everything(real)).toEqual(await everything(model));
    });
    await fc.assert(property, { numRuns: 60, seed: 42 });
  });

  async function subjectOn(storage: Storage): Promise<Subject> {
    const { id } = await storage.createStudy({
      name: `study ${studies}`,
      direction: "minimize",
      space: null,
      sampler: { name: "random", settings: {} },
      pruner: { name: "none", settings: {}, metric: "value" },
      seed: 1,
      duplicates: "allow",
      retries: 1,
    });
    return { storage, study: id };
  }
});

/** What came back, or the code of the refusal. */
async function resultOf<N extends StepName>(subject: Subject, { name, by }: StepOf<N>): Promise<unknown> {
  try {
    return await perform[name](subject, by);
  } catch (error) {
    if (isArgminError(error)) return error.code;
    throw error;
  }
}

async function everything({ storage, study }: Subject): Promise<unknown> {
  return [
    await storage.trials(study),
    await storage.paused(study),
    await storage.reports(study),
    (await storage.metricChanges(study, "loss", 0)).points,
    // Those of one moment come in no order.
    (await storage.lateResults(study))
      .map((late) => JSON.stringify(late, ["number", "token", "receivedAt", "outcome", "state"]))
      .toSorted(),
    await storage.changes(study, { number: 0, sequence: 0 }),
    (await storage.listStudies()).find((summary) => summary.study.id === study)?.counts,
  ];
}
