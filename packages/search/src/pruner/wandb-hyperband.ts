import { ArgminError, type JsonObject } from "@argmin/base";
import { numericSettings, type SettingsSchema } from "../sampler/settings.ts";
import { goOn, type Pruner } from "./pruner.ts";

const iterations = { kind: "integer-or-null", minimum: 1, maximum: 1_000_000_000, default: null } as const;

/** The keys of a sweep's `early_terminate`, so that such a block but its `type` is a settings object. */
export const wandbHyperbandSettings = {
  min_iter: { ...iterations, summary: "the reports at the first band; each further one is at eta times as many" },
  max_iter: { ...iterations, summary: "the reports of a whole trial: bands are at max_iter / eta, / eta^2 and so on" },
  s: { ...iterations, maximum: 100, summary: "how many bands there are below max_iter" },
  eta: {
    kind: "number",
    minimum: 1,
    maximum: 1_000_000,
    default: 3,
    summary: "of the trials at a band, the best one in so many goes on; above 1",
  },
  strict: {
    kind: "boolean",
    default: true,
    summary: "whether the value at the band is compared, rather than the best one so far",
  },
} as const satisfies SettingsSchema;

export type WandbHyperbandSettings = {
  readonly min_iter: number | null;
  readonly max_iter: number | null;
  readonly s: number | null;
  readonly eta: number;
  readonly strict: boolean;
};

/**
 * What Weights & Biases calls Hyperband, with its verdicts: a trial is judged by the last band that it has come to, again after
 * every report, and ends if it is worse than the best 1/eta of all trials that have come there.
 *
 * @remarks What counts is how often the metric was reported with a finite value, not the step. Not Hyperband in the sense of the
 *   paper, whose brackets are missing; for that there is `hyperband`.
 * @throws ArgminError `value/invalid` unless there is `min_iter`, or `max_iter` with `s`, and a band follows from them.
 * @see Li et al., "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization", JMLR 2018, which W&B refers to.
 */
export function createWandbHyperbandPruner(settings: WandbHyperbandSettings): Pruner {
  const bands = bandsOf(settings);
  const { eta, strict } = settings;
  return {
    name: "wandb-hyperband",
    settings,
    decide: ({ curve, reports }) => {
      const values = curve.values.filter((value) => value !== Number.POSITIVE_INFINITY);
      const band = bands.findLast((candidate) => candidate <= values.length);
      if (band === undefined) return goOn;
      const there = reports.reported(band).values;
      // The product rather than the quotient: where they differ in the last bit, W&B's is the one that counts.
      const threshold = there[Math.floor((1 / eta) * there.length)]!;
      const value = strict ? values[band - 1]! : values.reduce((least, value) => Math.min(least, value));
      if (value <= threshold) return goOn;
      const what = strict ? `the value of report ${band}` : `its best by report ${values.length}`;
      return { kind: "prune", reason: `${what} is not among the best of ${there.length} trials at band ${band}` };
    },
  };
}

/** Settings that `completeSettings` has checked, with the types that it has checked them for. */
export function wandbHyperbandSettingsFrom(settings: JsonObject): WandbHyperbandSettings {
  return { ...numericSettings(wandbHyperbandSettings, settings), strict: settings["strict"] === true };
}

/** The bands in ascending order, in whole reports, as far as trials can come. Given both ways, `max_iter` counts, as it does at W&B. */
function bandsOf({ min_iter, max_iter, s, eta }: WandbHyperbandSettings): readonly number[] {
  if (!(eta > 1)) throw refusal(`has 'eta' ${eta}; wanted a number above 1`);
  if (max_iter === null) {
    if (min_iter === null) throw refusal("does not know its bands; wanted 'min_iter', or 'max_iter' with 's'");
    // A hundred, as there: with an eta close to 1 they end early.
    const bands: number[] = [];
    for (let band = min_iter; bands.length < 100 && band <= Number.MAX_SAFE_INTEGER; band *= eta) bands.push(Math.floor(band));
    return bands;
  }
  if (s === null) throw refusal(`has 'max_iter' without 's'; wanted how many bands there are below ${max_iter}`);
  const bands: number[] = [];
  for (let band = max_iter / eta; bands.length < s && band >= 1; band /= eta) bands.unshift(Math.floor(band));
  if (bands.length === 0) throw refusal(`has no band of a report or more below 'max_iter' ${max_iter}; wanted a smaller 'eta'`);
  return bands;
}

function refusal(problem: string): ArgminError {
  return new ArgminError("value/invalid", `The pruner 'wandb-hyperband' ${problem}.`);
}
