import { isArgminError, ManualClock } from "@argmin/base";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryStorage } from "../../src/storage/memory.ts";
import { openSqliteStorage } from "../../src/storage/sqlite/open.ts";
import type { Lease, Storage, StudyRecord } from "../../src/storage/storage.ts";
import { temporaryFolder } from "./opened.ts";

/** One thing that somebody may do, whether it makes sense at that moment or not. */
type Step =
  | { readonly do: "add" | "claim" | "list" }
  | { readonly do: "addAs"; readonly number: number }
  | { readonly do: "enqueue"; readonly x: number; readonly skip: boolean }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "finish"; readonly lease: Ref; readonly value: number }
  | { readonly do: "prune" | "fail" | "release" | "lose" | "renew"; readonly lease: Ref }
  | { readonly do: "update"; readonly lease: Ref; readonly step: number; readonly loss: number };

/** A lease by trial and token; mostly ones that exist or existed. */
type Ref = { readonly number: number; readonly token: number };

const ref: fc.Arbitrary<Ref> = fc.record({ number: fc.integer({ min: 0, max: 5 }), token: fc.integer({ min: 1, max: 3 }) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("add" as const, "claim" as const, "claim" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("list" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("addAs" as const), number: fc.integer({ min: 0, max: 5 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("enqueue" as const), x: fc.integer({ min: 0, max: 3 }), skip: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 500 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("finish" as const),
      lease: ref,
      value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("prune" as const, "fail" as const, "release" as const, "lose" as const, "renew" as const),
      lease: ref,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("update" as const),
      lease: ref,
      step: fc.integer({ min: 0, max: 3 }),
      loss: fc.double(),
    }),
  },
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
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        studies += 1;
        const [real, model] = [await actorOn(sqlite), await actorOn(new MemoryStorage({ clock }))];
        for (const one of steps) {
          if (one.do === "wait") clock.advance(one.ms);
          expect(await real.act(one)).toEqual(await model.act(one));
        }
        expect(await real.everything()).toEqual(await model.everything());
      }),
      { numRuns: 60, seed: 42 },
    );
  }, 60_000);

  async function actorOn(storage: Storage): Promise<{ act(step: Step): Promise<unknown>; everything(): Promise<unknown> }> {
    const { id } = await storage.createStudy({
      name: `study ${studies}`,
      direction: "minimize",
      space: null,
      sampler: { name: "random", settings: {} },
      seed: 1,
      duplicates: "allow",
      retries: 1,
    });
    return {
      act: (one) => codeOrValue(perform(storage, id, one)),
      everything: async () => [
        await storage.trials(id),
        await storage.reports(id),
        await storage.lateResults(id),
        await storage.changes(id, { number: 0, sequence: 0 }),
        (await storage.listStudies()).find(({ study }) => study.id === id)?.counts,
      ],
    };
  }
});

async function perform(storage: Storage, study: StudyRecord["id"], one: Step): Promise<unknown> {
  const claim = { worker: "w", leaseMs: 300 };
  const lease: Lease = "lease" in one ? { study, ...one.lease } : { study, number: 0, token: 0 };
  switch (one.do) {
    case "wait":
      return null;
    case "list":
      return storage.trials(study, ["waiting", "complete"]);
    case "claim":
      return storage.claimWaiting(study, claim);
    case "add":
    case "addAs": {
      const { added } = await storage.changes(study, { number: 0, sequence: 0 });
      const number = "number" in one ? one.number : added.length;
      return storage.addRunning(study, { number, assignment: { x: number }, hash: `${number % 3}`, historySequence: 0 }, claim);
    }
    case "enqueue": {
      const facts = { assignment: { x: one.x }, hash: `${one.x}`, attributes: { x: one.x }, historySequence: 0 };
      return storage.enqueue(study, { ...facts, skipIfExists: one.skip });
    }
    case "finish":
      return storage.finish(lease, { state: "complete", value: one.value });
    case "prune":
      return storage.finish(lease, { state: "pruned", value: 1, reason: "no" }, { attributes: { last: true } });
    case "fail":
      return storage.finish(lease, { state: "failed", error: { message: "no", stack: "here" } });
    case "release":
      return storage.release(lease);
    case "lose":
      return storage.lose(lease, "gone");
    case "renew":
      // A lease carries the study's id, which the two storages number for themselves.
      return (await storage.renew([lease], 700)).map(({ number, token }) => ({ number, token }));
    case "update": {
      const reports = [{ step: one.step, phase: "", metrics: { loss: one.loss } }];
      return storage.update(lease, { reports, attributes: { [`step ${one.step}`]: one.step } });
    }
  }
}

async function codeOrValue(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    if (isArgminError(error)) return error.code;
    throw error;
  }
}
