import {
  compileSpace,
  createSampler,
  createStudy,
  hp,
  isFinished,
  TrialHistory,
  type Assignment,
  type Study,
} from "@argmin/search";
import { contextOf } from "@argmin/search/testing";
import { describe, expect, it } from "vitest";

const definition = {
  x: hp.uniform(0, 1),
  y: hp.uniform(0, 1),
  kind: hp.choice([{ name: "a", depth: hp.int(1, 8) }, { name: "b" }]),
};
const seed = 11;

async function valueOf({ x, y }: { readonly x: number; readonly y: number }): Promise<number> {
  // Workers overtake each other.
  for (let i = 0; i < (x * 1000) % 7; i++) await new Promise((resolve) => setImmediate(resolve));
  return (x - 0.3) ** 2 + (y - 0.6) ** 2;
}

/** Makes every suggestion of a study again from what is stored of it, and compares. */
async function expectReplay(study: Study<unknown>, samplerName: string): Promise<void> {
  const space = compileSpace(definition);
  const sampler = createSampler(samplerName);
  const trials = await study.trials();
  const finished = trials
    .flatMap((trial) => (isFinished(trial) ? [trial] : []))
    .toSorted((a, b) => a.finishSequence - b.finishSequence);
  for (const { number, historySequence, assignment, hash } of trials) {
    const known = finished.slice(0, historySequence);
    const history = new TrialHistory();
    for (const { finishSequence, ...trial } of known) {
      if (trial.state !== "complete") throw new Error(`trial ${trial.number} is ${trial.state}`);
      history.append({ ...trial, sequence: finishSequence, objective: trial.value });
    }
    // Pending was what had a lower number and had not finished by then.
    const done = new Set(known.map((trial) => trial.number));
    const pending = trials.slice(0, number).flatMap((trial) => (done.has(trial.number) ? [] : [trial.assignment]));
    const again = space.effective(sampler.suggest(contextOf(space, { seed, number, history, pending })));
    expect(again).toEqual(assignment);
    expect(space.hash(again)).toBe(hash);
  }
}

describe.each(["tpe", "hyperopt-tpe", "gp"])("%s with trials under way", (sampler) => {
  it("suggests what follows from numbers and finish sequences: a parallel search can be replayed", async () => {
    const study = await createStudy({ space: definition, sampler, seed, duplicates: "allow" });
    await study.optimize(valueOf, { trials: 40, concurrency: 5 });
    await study.ask();
    expect((await study.trials()).some(({ number, historySequence }) => number - historySequence >= 4)).toBe(true);
    await expectReplay(study, sampler);
    await study.close();
  });
});

describe("tpe", () => {
  it("gives eight workers eight different suggestions, spread out", async () => {
    const study = await createStudy({ space: definition, sampler: "tpe", seed });
    await study.optimize(valueOf, { trials: 60 });
    const asked: Assignment[] = [];
    for (let i = 0; i < 8; i++) asked.push((await study.ask()).assignment);
    const space = compileSpace(definition);
    const { history } = study;
    const alone = asked.map((_, i) => createSampler("tpe").suggest(contextOf(space, { seed, number: 60 + i, history })));
    expect(new Set(asked.map((assignment) => JSON.stringify(assignment))).size).toBe(8);
    // Each knows of those before it, and keeps its distance.
    expect(closest(asked)).toBeGreaterThan(2 * closest(alone));
    await study.close();
  });

  it("counts what was enqueued, as pending and as observed", async () => {
    const study = await createStudy({ space: { x: hp.uniform(0, 1) }, sampler: "tpe", seed: 3 });
    for (let i = 0; i < 12; i++) await study.enqueue({ x: 0.4 + i / 100 });
    await study.optimize(({ x }) => Math.abs(x - 0.45), { trials: 12 });
    const trial = await study.ask();
    expect(trial.origin).toBe("sampler");
    expect(Math.abs(trial.params.x - 0.45)).toBeLessThan(0.2);
    await study.close();
  });
});

function closest(assignments: readonly Assignment[]): number {
  const distances = assignments.flatMap((a, i) =>
    assignments.slice(i + 1).map((b) => Math.hypot(a["x"]! - b["x"]!, a["y"]! - b["y"]!)),
  );
  return Math.min(...distances);
}
