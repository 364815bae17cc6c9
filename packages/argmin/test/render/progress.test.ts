import { describe, expect, it } from "vitest";
import { heartbeat } from "../../src/render/display.ts";
import { pace, renderProgress, type ProgressState } from "../../src/render/progress.ts";
import { widthOf } from "../../src/render/text.ts";

const state: ProgressState = {
  study: "mnist-2v7",
  metric: "validation accuracy",
  total: 20,
  ended: 7,
  failed: 1,
  pruned: 0,
  rejected: 0,
  paused: 0,
  steps: undefined,
  best: { number: 3, value: 0.99443661 },
  startedAt: 0,
  endedHere: 7,
  workers: [
    {
      kind: "trial",
      number: 7,
      since: 70_000,
      step: { step: 5, of: 12, phase: "fold 2 of 3", metrics: { loss: 0.0312, accuracy: 0.9911 } },
    },
    { kind: "loading" },
    { kind: "idle" },
    { kind: "finishing", since: 83_000, step: { step: 2, of: undefined, phase: undefined, metrics: {} } },
  ],
  stopping: false,
};
const at = (width: number, coloured = false) => ({ now: 84_000, width, coloured });

describe("the progress display", () => {
  it("shows the search, its pace and what each worker does", () => {
    expect(renderProgress(state, at(100)).join("\n")).toMatchInlineSnapshot(`
      "mnist-2v7: 7 of 20 trials · 1 failed · best validation accuracy 0.994437 (trial 3)
      [========                ]  35 %  1m 24s so far · 5 trials/min · 2m 36s left
        worker 1  trial 7  fold 2 of 3, 5 of 12  loss 0.0312  accuracy 0.9911  14.0 s
        worker 2  loading the experiment
        worker 3  idle
        worker 4  last step of the experiment  step 2  1.00 s"
    `);
  });

  it("cuts its lines to the width of the terminal", () => {
    expect(renderProgress(state, at(32)).join("\n")).toMatchInlineSnapshot(`
      "mnist-2v7: 7 of 20 trials · 1 f…
      [========                ]  35 …
        worker 1  trial 7  fold 2 of …
        worker 2  loading the experim…
        worker 3  idle
        worker 4  last step of the ex…"
    `);
    for (const width of [20, 47, 80, 200]) {
      expect(Math.max(...renderProgress(state, at(width)).map(widthOf))).toBeLessThanOrEqual(width);
    }
  });

  it("counts apart what was pruned and what was rejected, and shows how much of a budget is spent", () => {
    const pruning: ProgressState = {
      ...state,
      total: undefined,
      pruned: 3,
      rejected: 1,
      steps: { spent: 120, spentHere: 84, budget: 200 },
      workers: [],
    };
    expect(renderProgress(pruning, at(120)).join("\n")).toMatchInlineSnapshot(`
      "mnist-2v7: 7 trials · 120 of 200 steps · 3 pruned · 1 rejected · 1 failed · best validation accuracy 0.994437 (trial 3)
      [==============          ]  60 %  1m 24s so far · 5 trials/min · 1m 20s left"
    `);
  });

  it("takes the time left from the limit that is nearer", () => {
    const both = (spentHere: number): string =>
      pace({ ...state, steps: { spent: spentHere, spentHere, budget: 200 } }, at(100).now);
    expect(both(0)).toMatch(/ · 2m 36s left$/);
    expect(both(20)).toMatch(/ · 2m 36s left$/);
    expect(both(150)).toMatch(/ · 28\.0 s left$/);
  });

  it("says how little it knows at the beginning, and that it is about to stop", () => {
    const beginning: ProgressState = {
      ...state,
      ended: 0,
      endedHere: 0,
      failed: 0,
      best: undefined,
      workers: [{ kind: "loading" }],
      stopping: true,
    };
    expect(renderProgress(beginning, at(100)).join("\n")).toMatchInlineSnapshot(`
      "mnist-2v7: 0 of 20 trials · no result yet
      [                        ]   0 %  1m 24s so far
        worker 1  loading the experiment
      stopping: what runs is finished; Ctrl-C again stops at once"
    `);
  });

  it("shows no more workers than a terminal has room for", () => {
    const many: ProgressState = { ...state, workers: Array.from({ length: 40 }, () => ({ kind: "idle" })) };
    const lines = renderProgress(many, at(100));
    expect(lines).toHaveLength(19);
    expect(lines.at(-1)).toBe("  and 24 workers more");
  });

  it("has no bar where no number of trials is the end, and colours only where they are wanted", () => {
    const { total, ...rest } = state;
    expect(renderProgress({ ...rest, total: undefined, workers: [] }, at(100))).toEqual([
      "mnist-2v7: 7 trials · 1 failed · best validation accuracy 0.994437 (trial 3)",
      "  1m 24s so far · 5 trials/min",
    ]);
    expect(total).toBe(20);
    expect(renderProgress(state, at(100, true)).join("")).toContain("\u001B[1m");
    expect(renderProgress(state, at(100)).join("")).not.toContain("\u001B");
  });

  it("is one line where nothing can be redrawn", () => {
    expect(heartbeat({ ...state, endedHere: 0 })).toMatch(
      /^7 of 20 trials, trial 7 at fold 2 of 3, 5 of 12 \(loss 0\.0312\) running, best validation accuracy 0\.994437 \(trial 3\), /,
    );
  });
});
