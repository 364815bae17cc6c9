import type { JsonObject, JsonValue } from "@argmin/base";
import type { EndedTrial } from "../../experiment.ts";
import type { Options } from "./options.ts";
import type { Settings } from "./space.ts";

/** Per-epoch lists of the document by the metric they hold. */
const histories = {
  loss: "loss",
  fineLoss: "fine_loss",
  fineAccuracy: "fine_accuracy",
  coarseLoss: "coarse_loss",
  coarseAccuracy: "coarse_accuracy",
  validationLoss: "val_loss",
  validationFineLoss: "val_fine_loss",
  validationFineAccuracy: "val_fine_accuracy",
  validationCoarseLoss: "val_coarse_loss",
  validationCoarseAccuracy: "val_coarse_accuracy",
} as const;

type Metric = keyof typeof histories;

/** hyperopt's words for how a trial ended. */
const statuses = { complete: "ok", pruned: "pruned", paused: "paused", failed: "fail" } as const satisfies Record<
  EndedTrial<Settings>["state"],
  string
>;

/**
 * The members of the published result documents: all judged by validation images, `loss` being what the search minimizes and
 * `real_loss` the network's at the end. What is not known, because a trial failed or there are no coarse labels, is null.
 */
export function documentTrial(
  { study, number, state, params, value, reports }: EndedTrial<Settings>,
  { dataset }: Options,
): JsonObject {
  const curves = new Map(Object.keys(histories).map((metric) => [metric, reports.map(({ metrics }) => finite(metrics[metric]))]));
  const curve = (metric: Metric): readonly (number | null)[] => curves.get(metric) ?? [];
  const best = (metric: Metric, pick: (...values: readonly number[]) => number): number | null => {
    const known = curve(metric).filter((entry) => entry !== null);
    return known.length === 0 ? null : pick(...known);
  };
  const end = (metric: Metric): number | null => curve(metric).at(-1) ?? null;
  const accuracy = best("validationFineAccuracy", Math.max);
  const lists: [string, JsonValue][] = [];
  for (const metric in histories) {
    if (isMetric(metric) && curve(metric).some((entry) => entry !== null)) lists.push([histories[metric], [...curve(metric)]]);
  }
  return {
    status: statuses[state],
    model_name: `${accuracy === null ? "no-result" : accuracy.toFixed(6)}_${study}_trial-${number}`,
    dataset,
    loss: value === undefined ? null : -value,
    real_loss: end("validationLoss"),
    fine_best_loss: best("validationFineLoss", Math.min),
    fine_best_accuracy: accuracy,
    fine_end_loss: end("validationFineLoss"),
    fine_end_accuracy: end("validationFineAccuracy"),
    coarse_best_loss: best("validationCoarseLoss", Math.min),
    coarse_best_accuracy: best("validationCoarseAccuracy", Math.max),
    coarse_end_loss: end("validationCoarseLoss"),
    coarse_end_accuracy: end("validationCoarseAccuracy"),
    space: params,
    history: Object.fromEntries(lists),
  };
}

function isMetric(name: string): name is Metric {
  return Object.hasOwn(histories, name);
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
