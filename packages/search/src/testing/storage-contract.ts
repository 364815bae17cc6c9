import type { Clock } from "@argmin/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Storage } from "../storage/storage.ts";
import { codeOf, definition, StorageBench, type OpenedStorage } from "./storage-cases/bench.ts";
import { leaseCases } from "./storage-cases/leases.ts";
import { pauseCases } from "./storage-cases/pauses.ts";
import { studyCases } from "./storage-cases/studies.ts";
import { trialCases } from "./storage-cases/trials.ts";

export type StorageContract = {
  readonly name: string;
  readonly open: (clock: Clock) => Promise<OpenedStorage>;
};

/** The suite that every storage must pass. Run it in a vitest file. */
export function describeStorage({ name, open }: StorageContract): void {
  describe(`storage contract: ${name}`, () => {
    const bench = new StorageBench();
    const { begin, enqueue, finish, leaseOf, present } = bench;
    beforeEach(() => bench.setUp(open));
    afterEach(() => bench.tearDown());

    studyCases(bench);
    trialCases(bench);
    leaseCases(bench);
    pauseCases(bench);

    it("gives records that later changes do not reach", async () => {
      const assignment = { x: 1 };
      const attributes = { list: [1] };
      const trial = await begin({ assignment });
      const before = structuredClone(await present(0));
      const kept = await present(0);
      await bench.storage.update(leaseOf(trial), { attributes, assignment: { x: 2 } });
      assignment.x = 3;
      attributes.list.push(2);
      expect(kept).toEqual(before);
      expect(await present(0)).toMatchObject({ assignment: { x: 2 }, attributes: { list: [1] } });
      await finish(trial);
      expect(kept).toEqual(before);
    });

    it("refuses everything after it was closed, which may happen twice", async () => {
      await bench.storage.close();
      await bench.storage.close();
      expect(await codeOf(bench.storage.trials(bench.study.id))).toBe("storage/closed");
      expect(await codeOf(bench.storage.createStudy({ ...definition, name: "b" }))).toBe("storage/closed");
    });

    it("has everything again when it is opened again", async () => {
      if (bench.opened.reopen === undefined) return;
      const trial = await begin();
      await bench.storage.update(leaseOf(trial), { reports: [{ step: 0, phase: "", metrics: { loss: 1 } }] });
      await finish(trial);
      await finish(await begin(), { state: "paused", value: 1, step: 3, reason: "no" });
      await begin();
      await enqueue(4);
      await bench.storage.setStudyAttribute(bench.study.id, "a", 1);
      const everything = async (source: Storage): Promise<unknown> => [
        await source.listStudies(),
        await source.trials(bench.study.id),
        await source.paused(bench.study.id),
        await source.reports(bench.study.id),
        await source.studyAttributes(bench.study.id),
      ];
      const before = await everything(bench.storage);
      const reopened = await bench.opened.reopen();
      expect(await everything(reopened)).toEqual(before);
    });
  });
}
