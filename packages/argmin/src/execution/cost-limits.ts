import { ArgminError, type JsonObject } from "@argmin/base";
import type { Assignment, TrialOutcome } from "@argmin/search";
import type { Cost, Experiment, OptionValues } from "../experiment.ts";
import { formatBytes, formatCount } from "../render/format.ts";

/** The most that a candidate may cost; what is absent is not limited. */
export type CostLimits = { readonly [Kind in keyof Cost]-?: number | undefined };

/** The flags that limit what a candidate may cost. */
export interface CostFlags {
  readonly "max-params"?: number;
  readonly "max-flops"?: number;
  readonly "max-memory"?: number;
}

const kinds: {
  readonly [Kind in keyof Cost]-?: {
    readonly flag: keyof CostFlags;
    readonly unit: string;
    readonly format: (amount: number) => string;
  };
} = {
  parameters: { flag: "max-params", unit: "parameters", format: formatCount },
  flops: { flag: "max-flops", unit: "floating-point operations an example", format: formatCount },
  memoryBytes: { flag: "max-memory", unit: "of memory for its training", format: formatBytes },
};
const kindNames = ["parameters", "flops", "memoryBytes"] as const satisfies readonly (keyof Cost)[];

/**
 * The limits of a run.
 *
 * @throws ArgminError `usage/invalid` for a limit where the experiment does not tell what its candidates cost.
 */
export function costLimits({ name, has }: Experiment, flags: CostFlags): CostLimits {
  const given = kindNames.map((kind) => kinds[kind].flag).find((flag) => flags[flag] !== undefined);
  if (given !== undefined && !has.cost)
    throw new ArgminError(
      "usage/invalid",
      `The experiment '${name}' does not tell what a candidate costs before it is trained, so --${given} cannot limit it; ` +
        "give the experiment a 'cost' step, or leave the flag out.",
    );
  return { parameters: flags["max-params"], flops: flags["max-flops"], memoryBytes: flags["max-memory"] };
}

/** What is known of a candidate's cost, or why it is not to be trained. */
interface Costs {
  readonly attributes?: JsonObject;
  readonly rejected?: TrialOutcome;
}

/** What a candidate costs, and how its trial ends if that is too much, or if there is no such candidate. */
export function costsOf(experiment: Experiment, options: OptionValues, assignment: Assignment, limits: CostLimits): Costs {
  try {
    const cost = experiment.cost(assignment, options);
    return cost === undefined ? {} : judged(cost, limits);
  } catch (error) {
    return { rejected: { state: "failed", error } };
  }
}

/** Looks at one kind of cost after the other, the cheapest to know first, and at none beyond the first that is too much. */
function judged(cost: Cost, limits: CostLimits): Costs {
  const attributes: Record<string, number> = {};
  for (const kind of kindNames) {
    const amount = cost[kind];
    if (amount === undefined) continue;
    attributes[kind] = amount;
    const limit = limits[kind];
    if (limit === undefined || amount <= limit) continue;
    const { flag, unit, format } = kinds[kind];
    const reason = `${format(amount)} ${unit} are more than --${flag} ${format(limit)}`;
    return { rejected: { state: "pruned", reason, attributes: { cost: attributes } } };
  }
  return { attributes };
}
