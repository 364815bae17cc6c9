import type { JsonObject } from "@argmin/base";
import { createStudy, hp, MemoryStorage, openStudy, type Study } from "@argmin/search";
import { describe, expect, it } from "vitest";
import { lastStep } from "../../src/execution/last-step.ts";
import { finishAttribute, finishingAttribute } from "../../src/results/attributes.ts";

const signal = new AbortController().signal;
const space = { x: hp.uniform(0, 1) };

/** The same study as two workers see it. */
async function twice(): Promise<readonly [Study<unknown>, Study<unknown>]> {
  const storage = new MemoryStorage();
  const first = await createStudy({ storage, space, worker: "elsewhere/1/1/a" });
  const second = await openStudy({ storage, name: first.name, space, worker: "elsewhere/2/2/b" });
  await first.tell(await first.ask(), 0.5);
  return [first, second];
}

describe("the last step of a study", () => {
  it("is done by one of two processes; the other waits and has the same result", async () => {
    const [first, second] = await twice();
    let waits = 0;
    let release = (): void => undefined;
    const waited = new Promise<void>((settle) => {
      release = settle;
    });
    const done: string[] = [];
    const run = (study: Study<unknown>, who: string): ReturnType<typeof lastStep> =>
      lastStep({
        study,
        signal,
        onWait: () => {
          waits += 1;
          release();
        },
        work: async ({ number }): Promise<JsonObject> => {
          await waited;
          done.push(who);
          return { number };
        },
      });
    const [a, b] = await Promise.all([run(first, "a"), run(second, "b")]);
    expect(a).toEqual({ trial: 0, result: { number: 0 } });
    expect(b).toEqual(a);
    expect(done).toHaveLength(1);
    expect(waits).toBe(1);
    expect(await run(first, "again")).toEqual(a);
    expect(done).toHaveLength(1);
  });

  it("passes on from a process that ended, and from one that failed", async () => {
    const [study] = await twice();
    const own = (await createStudy({ name: "another", space })).worker;
    const ended = own.replace(/\/\d+\//, "/4194305/");
    await study.setAttribute(finishingAttribute, { worker: ended, until: Date.now() + 60_000 });
    const onWait = (): void => expect.unreachable("nobody is at it");
    await expect(lastStep({ study, signal, onWait, work: () => Promise.reject(new Error("no test set")) })).rejects.toThrow(
      "no test set",
    );
    expect(await lastStep({ study, signal, onWait, work: async () => ({ ok: true }) })).toEqual({
      trial: 0,
      result: { ok: true },
    });
    expect((await study.attributes())[finishAttribute]).toEqual({ trial: 0, result: { ok: true } });
  });
});
