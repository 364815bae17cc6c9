import { isJsonObject, type JsonObject, type JsonValue } from "@argmin/base";
import type { SettingsSchema } from "../sampler/settings.ts";
import { goOn, type Pruner } from "./pruner.ts";

export const patienceSettings = {
  patience: {
    kind: "integer",
    minimum: 0,
    maximum: 1_000_000,
    default: 10,
    summary: "how many reports in a row may be worse than the best one before them",
  },
  minimumDelta: {
    kind: "number",
    minimum: 0,
    maximum: Number.MAX_VALUE,
    default: 0,
    summary: "by how much a report may fall behind without being called worse",
  },
  pruner: {
    kind: "pruner-or-null",
    default: null,
    summary: "who then decides: a pruner's name, or an object with its name and settings; null: the trial ends",
  },
} as const satisfies SettingsSchema;

export type PatienceSettings = { readonly patience: number; readonly minimumDelta: number };

/**
 * Gives a trial time: only if all of its last `patience` + 1 reports are worse, by more than `minimumDelta`, than the best one before
 * them, another pruner is asked, or the trial ends if there is none.
 *
 * @remarks Optuna's `PatientPruner`, with a value that is not finite as the worst there is instead of none. The other pruner judges
 *   the trial as it is then, so it should be one that judges every report: rungs that lie behind are not made up for.
 * @see Goodfellow, Bengio and Courville, "Deep Learning", 2016, algorithm 7.1, for patience as the end of one training.
 */
export function createPatiencePruner({ patience, minimumDelta }: PatienceSettings, inner: Pruner | null): Pruner {
  return {
    name: "patience",
    settings: { patience, minimumDelta, pruner: inner === null ? null : { name: inner.name, settings: inner.settings } },
    decide: (context) => {
      const { values } = context.curve;
      const since = values.length - patience - 1;
      if (since < 1) return goOn;
      const [before, after] = [leastOf(values, 0, since), leastOf(values, since, values.length)];
      if (!(before + minimumDelta < after)) return goOn;
      if (inner !== null) return inner.decide(context);
      const step = context.curve.steps.at(-1) ?? 0;
      return { kind: "prune", reason: `worse than before in ${patience + 1} reports in a row, by step ${step}` };
    },
    promote: inner?.promote,
  };
}

/** What the setting `pruner` says, checked: a name and settings, or null. */
export function innerPruner(setting: JsonValue | undefined): { readonly name: string; readonly settings: JsonObject } | null {
  if (typeof setting === "string") return { name: setting, settings: {} };
  if (!isJsonObject(setting)) return null;
  const { name, settings } = setting;
  if (typeof name !== "string") throw new Error("internal: the setting 'pruner' was not checked.");
  return { name, settings: isJsonObject(settings) ? settings : {} };
}

function leastOf(values: readonly number[], from: number, to: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = from; i < to; i++) least = Math.min(least, values[i]!);
  return least;
}
