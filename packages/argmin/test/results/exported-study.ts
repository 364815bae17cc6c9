import { createStudy, hp, MemoryStorage, spaceFromJson, type TrialReport } from "@argmin/search";
import type { ExportedStudy } from "../../src/results/study-logs.ts";

const definition = {
  rate: hp.float(0.01, 1, { log: true }),
  units: hp.int(8, 64, { step: 8 }),
  kind: hp.choice(["adam", "sgd"]),
  norm: hp.choice([false, true]),
  depth: hp.choice([2, 3]),
  residual: hp.choice([null, hp.quniform(1, 4, 1, { label: "residual_units" })]),
  shape: hp.choice([{ kind: "plain" }, { kind: "rippled", waves: hp.int(1, 9) }]),
  offset: hp.normal(0, 1),
};

/** A study of which every third trial fails, and one is pruned. */
export async function exportedStudy(): Promise<ExportedStudy> {
  const storage = new MemoryStorage();
  const study = await createStudy({ storage, name: "mixed", direction: "minimize", space: definition, seed: 3 });
  for (let i = 0; i < 9; i++) {
    const trial = await study.ask();
    trial.report(1, { loss: 2 + i });
    trial.report(1, { score: i }, { phase: "fold 2" });
    trial.report(2, { loss: 1 + i });
    if (i % 3 === 2) await study.tell(trial, { state: "failed", error: { message: "too\n| hot" } });
    else if (i === 4) await study.tell(trial, { state: "pruned", step: 2, reason: "hopeless" });
    else await study.tell(trial, { state: "complete", value: 0.5 + i });
  }
  await study.ask();
  const record = (await storage.findStudy("mixed"))!;
  const space = spaceFromJson(record.space);
  const reports = new Map<number, TrialReport[]>();
  for (const report of await storage.reports(record.id))
    reports.set(report.number, [...(reports.get(report.number) ?? []), report]);
  return {
    record,
    metric: "final loss",
    describe: (assignment) => space.describe(assignment),
    trials: await storage.trials(record.id),
    reports,
    document: { name: "mixed", seed: 3 },
  };
}
