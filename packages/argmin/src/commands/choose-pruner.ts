import { ArgminError, type JsonObject } from "@argmin/base";
import { prunerNames, pruners, type PrunerSetting, type StudyDefinition } from "@argmin/search";
import type { Curve, Experiment, OptionValues } from "../experiment.ts";
import { didYouMean } from "../flags/suggestion.ts";

/** The flags by which hopeless trials are stopped. */
export interface PruningFlags {
  readonly pruner?: string;
  readonly budget?: number;
  /** Trials are paused instead of stopped. */
  readonly promote?: boolean;
}

/**
 * The pruner of a new study: by `--pruner`, else the experiment's own, else successive halving if there is a budget or trials are to
 * be paused. Trials are judged, and steps counted, by the experiment's curve.
 *
 * @throws ArgminError `usage/invalid` for an unknown pruner, for one that never pauses trials with `--promote`, where the experiment does not tell how to judge its trials, and for a
 *   budget that does not pay for one trial.
 */
export function choosePruner(experiment: Experiment, options: OptionValues, flags: PruningFlags): PrunerSetting {
  const { name, pruner: own } = experiment;
  const { budget, promote } = flags;
  const chosen = checkedPruner(flags.pruner ?? usualPruner(experiment, flags));
  if (promote === true) ensurePauses(chosen);
  const curve = experiment.curve(options);
  if (curve === undefined) {
    if (chosen === "none" && budget === undefined) return { name: chosen };
    throw unjudged(name, budget !== undefined ? "budget" : flags.pruner === undefined && promote === true ? "promote" : "pruner");
  }
  const { metric, steps } = curve;
  if (budget !== undefined && budget < steps)
    throw new ArgminError(
      "usage/invalid",
      `A budget of ${budget} steps does not pay for one trial of '${name}', which has ${steps}; give at least as many.`,
    );
  const suited = Object.hasOwn(settingsFor, chosen) ? settingsFor[chosen]?.(curve, budget) : undefined;
  const settings = chosen === own.name ? own.settings : suited;
  const pauses = promote === true ? { promote } : undefined;
  return {
    name: chosen,
    metric,
    ...(settings === undefined && pauses === undefined ? {} : { settings: { ...settings, ...pauses } }),
  };
}

/** The pruner where `--pruner` names none. */
export function usualPruner({ pruner: { name } }: Pick<Experiment, "pruner">, { budget, promote }: PruningFlags): string {
  return name === "none" && (budget !== undefined || promote === true) ? "successive-halving" : name;
}

/** @throws ArgminError `usage/invalid` for a pruner that knows no pauses. */
function ensurePauses(pruner: string): void {
  if (pausing.includes(pruner)) return;
  throw new ArgminError(
    "usage/invalid",
    `--promote is for pruners that pause trials, which are ${pausing.join(" and ")}; '${pruner}' stops them for good.`,
  );
}

/** The pruners that can promote what they have paused. */
const pausing: readonly string[] = prunerNames.filter((name) => "promote" in pruners[name].settings);

/**
 * Holds the flags to the pruner that a study began with. Its settings are its own: another budget changes nothing of them.
 *
 * @throws ArgminError `study/mismatch` for another pruner, `usage/invalid` as `choosePruner`.
 */
export function ensurePruner(
  experiment: Experiment,
  options: OptionValues,
  flags: PruningFlags,
  { name, pruner: kept }: Pick<StudyDefinition, "name" | "pruner">,
): void {
  if (flags.pruner !== undefined && checkedPruner(flags.pruner) !== kept.name)
    throw new ArgminError(
      "study/mismatch",
      `The study '${name}' was started with other settings: pruner ${kept.name}, not ${flags.pruner}.`,
    );
  if (flags.promote === true && kept.settings["promote"] !== true)
    throw new ArgminError(
      "study/mismatch",
      `The study '${name}' was started with other settings: its pruner ${kept.name} stops trials, and --promote pauses them.`,
    );
  if (flags.budget === undefined) return;
  const curve = experiment.curve(options);
  if (curve === undefined) throw unjudged(experiment.name, "budget");
  if (curve.metric !== kept.metric)
    throw new ArgminError(
      "study/mismatch",
      `The study '${name}' counts its steps by the metric '${kept.metric}', the experiment now by '${curve.metric}'.`,
    );
}

function unjudged(experiment: string, flag: keyof PruningFlags): ArgminError {
  return new ArgminError(
    "usage/invalid",
    `The experiment '${experiment}' does not tell by which reports its trials can be judged, as --${flag} needs; ` +
      "give it a 'curve', or leave the flag out.",
  );
}

/** @throws ArgminError `usage/invalid` for an unknown pruner. */
function checkedPruner(name: string): string {
  if (prunerNames.some((known) => known === name)) return name;
  throw new ArgminError(
    "usage/invalid",
    `There is no pruner '${name}'; there are ${prunerNames.join(", ")}.${didYouMean(name, prunerNames)}`,
  );
}

/** The settings that follow from how long trials are, of the pruners that want to know it. */
const settingsFor: { readonly [pruner: string]: (curve: Pick<Curve, "steps">, budget?: number) => JsonObject } = {
  "successive-halving": halvingFor,
  hyperband: hyperbandFor,
  patience: ({ steps }) => ({ patience: Math.max(1, Math.round(steps / 10)) }),
  "wandb-hyperband": ({ steps }) => (steps === 1 ? { min_iter: 1 } : { max_iter: steps, s: 2, eta: etaFor(steps) }),
};

/** How many candidates a search should see at least, if its budget allows. */
const wantedCandidates = 50;

/**
 * Settings of successive halving for trials of so many steps. A third of the trials passes each rung, half where trials are shorter
 * than nine steps. The first rung is as late as it can be with some fifty candidates in the budget, since a late verdict is a
 * better one, but always leaves room for two rungs.
 */
export function halvingFor(
  { steps }: Pick<Curve, "steps">,
  budget = Number.POSITIVE_INFINITY,
): { readonly reductionFactor: number; readonly minimumResource: number } {
  const reductionFactor = etaFor(steps);
  const first = (rungs: number): number => Math.max(1, Math.floor(steps / reductionFactor ** rungs));
  // A candidate costs the steps to the first rung; of those further on, a share of trials pays for a multiple of steps.
  const cost = (rungs: number): number => first(rungs) * (1 + rungs * (1 - 1 / reductionFactor));
  let rungs = 0;
  while (reductionFactor ** (rungs + 1) <= steps && (rungs < 2 || budget / cost(rungs) < wantedCandidates)) rungs += 1;
  return { reductionFactor, minimumResource: first(rungs) };
}

/** Settings of Hyperband for trials of so many steps: up to five brackets, as many as can have enough trials each. */
export function hyperbandFor({ steps }: Pick<Curve, "steps">): {
  readonly reductionFactor: number;
  readonly minimumResource: number;
  readonly maximumResource: number;
} {
  const reductionFactor = etaFor(steps);
  return { reductionFactor, minimumResource: Math.max(1, Math.floor(steps / reductionFactor ** 4)), maximumResource: steps };
}

/** Of how many trials one goes on: of three, or of two where a third of a trial would be no more than two steps. */
function etaFor(steps: number): number {
  return steps < 9 ? 2 : 3;
}
