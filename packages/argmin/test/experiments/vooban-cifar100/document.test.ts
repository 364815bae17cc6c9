import { describe, expect, it } from "vitest";
import { documentTrial } from "../../../src/experiments/vooban-cifar100/document.ts";
import { points } from "../../../src/experiments/vooban-cifar100/space.ts";

const options = { dataset: "cifar100", epochs: 2, subset: undefined, heads: "softmax" } as const;
const trial = { study: "vooban-cifar100", number: 7, params: points.published, attributes: {} };

/** The members that the published documents have. */
const published = [
  "loss",
  "real_loss",
  "fine_best_loss",
  "fine_best_accuracy",
  "fine_end_loss",
  "fine_end_accuracy",
  "coarse_best_loss",
  "coarse_best_accuracy",
  "coarse_end_loss",
  "coarse_end_accuracy",
  "model_name",
  "space",
  "history",
  "status",
];

const report = (step: number, fineLoss: number, fineAccuracy: number) => ({
  step,
  phase: "",
  metrics: {
    validationFineAccuracy: fineAccuracy,
    validationFineLoss: fineLoss,
    validationCoarseAccuracy: fineAccuracy + 0.1,
    validationCoarseLoss: fineLoss - 1,
    validationLoss: fineLoss + 2,
    loss: 5,
    imagesPerSecond: 70,
  },
});

describe("the document of a trial", () => {
  it("has every member of the published ones, of the best epoch and of the last", () => {
    const reports = [report(1, 3, 0.25), report(2, 2.5, 0.375), report(3, 2.75, 0.3125)];
    const document = documentTrial({ ...trial, state: "complete", value: 0.375, reports }, options);
    for (const name of published) expect(document).toHaveProperty(name);
    expect(document).toMatchObject({
      status: "ok",
      model_name: "0.375000_vooban-cifar100_trial-7",
      loss: -0.375,
      real_loss: 4.75,
      fine_best_loss: 2.5,
      fine_best_accuracy: 0.375,
      fine_end_loss: 2.75,
      fine_end_accuracy: 0.3125,
      coarse_best_loss: 1.5,
      coarse_best_accuracy: 0.475,
      coarse_end_loss: 1.75,
      coarse_end_accuracy: 0.4125,
      history: { loss: [5, 5, 5], val_fine_accuracy: [0.25, 0.375, 0.3125] },
    });
  });

  it("shows what is off as null", () => {
    const { space } = documentTrial({ ...trial, state: "complete", value: 0.1, reports: [] }, options);
    expect(space).toMatchObject({ one_more_fc: null, residual: 3 });
  });

  it("has the same members of a trial that failed, or knows no coarse labels", () => {
    const failed = documentTrial({ ...trial, state: "failed", value: undefined, reports: [] }, options);
    for (const name of published) expect(failed).toHaveProperty(name);
    expect(failed).toMatchObject({ status: "fail", loss: null, real_loss: null, fine_best_accuracy: null, history: {} });
    expect(failed["model_name"]).toBe("no-result_vooban-cifar100_trial-7");

    const { validationFineAccuracy, validationFineLoss } = report(1, 3, 0.25).metrics;
    const reports = [{ step: 1, phase: "", metrics: { validationFineAccuracy, validationFineLoss, loss: Number.NaN } }];
    const one = documentTrial({ ...trial, state: "pruned", value: undefined, reports }, { ...options, dataset: "cifar10" });
    expect(one).toMatchObject({ status: "pruned", dataset: "cifar10", coarse_best_loss: null, fine_best_loss: 3 });
    expect(Object.keys(Object(one["history"]))).toEqual(["val_fine_loss", "val_fine_accuracy"]);
  });
});
