import { canonicalJson, type JsonObject, type JsonValue } from "@argmin/base";
import { hp, type SpaceDefinition } from "@argmin/search";
import { anything, integer, list, number, optional, required, word, type Key, type Table, type ValuesOf } from "./shape.ts";

/** What a parameter's distribution becomes. */
export interface Meaning {
  /** Of a parameter with that label. */
  readonly definition: (label: string) => SpaceDefinition;
  /** Likewise in a grid; `undefined` if a grid cannot list its values. */
  readonly grid?: (label: string) => SpaceDefinition;
  /** Whether there is anything to search. */
  readonly isConstant?: true;
}

/** Says that the value of a key is wrong: the text goes on from "parameters.lr.min ". */
export type Complain = (key: string, text: string) => void;

/** A distribution of Weights & Biases: its keys, for the reader and for editors, and what it means. */
export interface DistributionEntry {
  readonly summary: string;
  readonly keys: Table;
  /** @param values - Of the keys, read. @returns `undefined` after a complaint. */
  readonly mean: (values: Readonly<Record<string, unknown>>, complain: Complain) => Meaning | undefined;
}

function entry<const K extends Table>(
  summary: string,
  keys: K,
  mean: (values: ValuesOf<K>, complain: Complain) => Meaning | undefined,
): DistributionEntry;
// The values that come back are those that were read by the same keys.
function entry(summary: string, keys: Table, mean: DistributionEntry["mean"]): DistributionEntry {
  return { summary, keys, mean };
}

const q = optional(number({ above: 0 }), "the step that draws are rounded to", 1);
const real = { min: required(number(), "the lower bound"), max: required(number(), "the upper bound") };
const exponents = {
  min: required(number(), "the natural logarithm of the lower bound"),
  max: required(number(), "the natural logarithm of the upper bound"),
};
const positive = {
  min: required(number({ above: 0 }), "the lower bound, above 0"),
  max: required(number(), "the upper bound"),
};
const normal = {
  mu: optional(number(), "the mean", 0),
  sigma: optional(number({ above: 0 }), "the standard deviation, above 0", 1),
};
const logNormal = {
  mu: optional(number(), "the mean of the natural logarithm", 0),
  sigma: optional(number({ above: 0 }), "the standard deviation of the natural logarithm, above 0", 1),
};
const shapes = {
  a: optional(number({ above: 0 }), "the first shape, above 0", 1),
  b: optional(number({ above: 0 }), "the second shape, above 0", 1),
};
const values: Key<readonly JsonValue[], true> = required(list(anything(), "values"), "the values to choose from");

/**
 * The 18 distributions of Weights & Biases, each with its meaning there.
 *
 * @remarks What the `sweeps` package draws from a uniform x, the distribution here draws as well, with these liberties: a rounded
 *   draw is the multiple of q to all its decimals (0.3, not 0.30000000000000004), a whole number is the same whether it was
 *   written 3 or 3.0, and what would be infinite there is refused. Values of a categorical that are equal count as one that is as
 *   much likelier. `inv_log_uniform` is that of its name: 1 / x is log-uniform, which makes x log-uniform as well.
 */
export const distributions = {
  constant: entry("always the same value", { value: required(anything(), "the value") }, ({ value }) => ({
    definition: () => value,
    grid: () => value,
    isConstant: true,
  })),
  categorical: entry("one of several values, each equally likely", { values }, ({ values }) => ({
    definition: (label) => choice(values, undefined, label),
    grid: (label) => choice(distinct(values), undefined, label),
  })),
  categorical_w_probabilities: entry(
    "one of several values, each with its probability",
    {
      values,
      probabilities: required(list(number({ min: 0 }), "probabilities"), "the probability of each value; their sum is 1"),
    },
    ({ values, probabilities }, complain) => {
      const sum = probabilities.reduce((total, probability) => total + probability, 0);
      if (values.length !== probabilities.length)
        complain("probabilities", `has ${probabilities.length} for ${values.length} values; wanted one for each value.`);
      else if (Math.abs(sum - 1) > 1e-5) complain("probabilities", `sum to ${Number(sum.toPrecision(6))}; wanted a sum of 1.`);
      else return { definition: (label) => choice(values, probabilities, label) };
      return undefined;
    },
  ),
  int_uniform: entry(
    "an integer from min to max, both included, each equally likely",
    { min: required(integer(), "the least integer"), max: required(integer(), "the greatest integer") },
    ({ min, max }, complain) => {
      if (!isRange(min, max, complain)) return undefined;
      const definition = (label: string): SpaceDefinition => hp.uniformint(min, max, { label });
      return { definition, grid: definition };
    },
  ),
  uniform: entry("a real number from min to max", real, ({ min, max }, complain) =>
    isRange(min, max, complain) ? { definition: (label) => hp.uniform(min, max, { label }) } : undefined,
  ),
  q_uniform: entry("a uniform draw rounded to a multiple of q", { ...real, q }, ({ min, max, q = 1 }, complain) =>
    isRange(min, max, complain)
      ? {
          definition: (label) => hp.roundeduniform(min, max, q, { label }),
          grid: (label) => gridSteps(min, max, q, label),
        }
      : undefined,
  ),
  log_uniform: entry("exp of a uniform from min to max", exponents, ({ min, max }, complain) =>
    isExponentRange(min, max, complain) ? { definition: (label) => hp.loguniform(min, max, { label }) } : undefined,
  ),
  log_uniform_values: entry("log-uniform from min to max", positive, ({ min, max }, complain) =>
    isRange(min, max, complain) ? { definition: (label) => hp.float(min, max, { log: true, label }) } : undefined,
  ),
  q_log_uniform: entry(
    "exp of a uniform from min to max, rounded to a multiple of q",
    { ...exponents, q },
    ({ min, max, q = 1 }, complain) =>
      isExponentRange(min, max, complain) ? { definition: (label) => hp.roundedloguniform(min, max, q, { label }) } : undefined,
  ),
  q_log_uniform_values: entry(
    "log-uniform from min to max, rounded to a multiple of q",
    { ...positive, q },
    ({ min, max, q = 1 }, complain) =>
      isRange(min, max, complain)
        ? { definition: (label) => hp.roundedloguniform(Math.log(min), Math.log(max), q, { label }) }
        : undefined,
  ),
  inv_log_uniform: entry("1 / exp of a uniform from min to max", exponents, ({ min, max }, complain) =>
    isExponentRange(min, max, complain) ? { definition: (label) => hp.loguniform(-max, -min, { label }) } : undefined,
  ),
  inv_log_uniform_values: entry("from min to max, its inverse log-uniform", positive, ({ min, max }, complain) =>
    isRange(min, max, complain) ? { definition: (label) => hp.float(min, max, { log: true, label }) } : undefined,
  ),
  normal: entry("a normal around mu", normal, ({ mu = 0, sigma = 1 }) => ({
    definition: (label) => hp.normal(mu, sigma, { label }),
  })),
  q_normal: entry("a normal around mu, rounded to a multiple of q", { ...normal, q }, ({ mu = 0, sigma = 1, q = 1 }) => ({
    definition: (label) => hp.qnormal(mu, sigma, q, { label }),
  })),
  log_normal: entry("exp of a normal around mu", logNormal, ({ mu = 0, sigma = 1 }) => ({
    definition: (label) => hp.lognormal(mu, sigma, { label }),
  })),
  q_log_normal: entry(
    "exp of a normal around mu, rounded to a multiple of q",
    { ...logNormal, q },
    ({ mu = 0, sigma = 1, q = 1 }) => ({
      definition: (label) => hp.qlognormal(mu, sigma, q, { label }),
    }),
  ),
  beta: entry("a beta distribution on 0 to 1", shapes, ({ a = 1, b = 1 }) => ({
    definition: (label) => hp.beta(a, b, { label }),
  })),
  q_beta: entry("a beta distribution on 0 to 1, rounded to a multiple of q", { ...shapes, q }, ({ a = 1, b = 1, q = 1 }) => ({
    definition: (label) => hp.qbeta(a, b, q, { label }),
  })),
} as const satisfies Readonly<Record<string, DistributionEntry>>;

export type DistributionName = keyof typeof distributions;

/** The names of all distributions. */
export const distributionNames: readonly DistributionName[] = Object.keys(distributions).filter(isDistribution);

function isDistribution(name: string): name is DistributionName {
  return Object.hasOwn(distributions, name);
}

/** Those that a grid walks through. */
export const gridDistributions: readonly DistributionName[] = ["constant", "categorical", "int_uniform", "q_uniform"];

/** Words of other libraries, and what they are called here. */
const elsewhere: Readonly<Record<string, DistributionName>> = {
  choice: "categorical",
  pchoice: "categorical_w_probabilities",
  fixed: "constant",
  randint: "int_uniform",
  uniformint: "int_uniform",
  int: "int_uniform",
  integer: "int_uniform",
  float: "uniform",
  loguniform: "log_uniform_values",
  reciprocal: "log_uniform_values",
  qloguniform: "q_log_uniform_values",
  gaussian: "normal",
  discrete_uniform: "q_uniform",
};

/** The name of a distribution as a file gives it. */
export const distributionWord = word(distributionNames, (given) => {
  const known = elsewhere[given.toLowerCase()];
  return known === undefined ? undefined : ` Did you mean '${known}'?`;
});

function isRange(min: number, max: number, complain: Complain): boolean {
  if (min < max) return true;
  complain(
    "min",
    `is ${min}, which is not below 'max', ${max}; wanted ${min === max ? `'value: ${min}', or bounds that differ` : "the lower bound here"}.`,
  );
  return false;
}

/** A range of natural logarithms of numbers that there are. */
function isExponentRange(min: number, max: number, complain: Complain): boolean {
  if (!isRange(min, max, complain)) return false;
  const beyond = (["min", "max"] as const).find((key) => Math.abs(key === "min" ? min : max) > largestExponent);
  if (beyond === undefined) return true;
  const end = beyond === "min" ? min : max;
  complain(
    beyond,
    `is ${end}, a natural logarithm, and exp(${end}) is beyond all numbers; wanted from -${largestExponent} to ${largestExponent}, or the distribution that ends in _values, which takes the bounds themselves.`,
  );
  return false;
}

const largestExponent = 700;

/** As NumPy's arange: from the lower bound in steps of q, without the upper one. */
function gridSteps(min: number, max: number, q: number, label: string): SpaceDefinition {
  const count = Math.ceil((max - min) / q);
  return count === 1 ? hp.choice([min], { label }) : hp.float(min, min + (count - 1) * q, { step: q, label });
}

function distinct(values: readonly JsonValue[]): readonly JsonValue[] {
  return [...new Map(values.map((value) => [canonicalJson(value), value])).values()];
}

/** Equal values are one option, as likely as they are together; one of no probability is none. */
function choice(
  values: readonly SpaceDefinition[],
  probabilities: readonly number[] | undefined,
  label: string,
): SpaceDefinition {
  const shares = new Map<string, { readonly value: SpaceDefinition; readonly share: number }>();
  for (const [i, value] of values.entries()) {
    const key = canonicalJson(value);
    const share = probabilities === undefined ? 1 / values.length : probabilities[i]!;
    if (share > 0) shares.set(key, { value, share: (shares.get(key)?.share ?? 0) + share });
  }
  const options = [...shares.values()];
  if (probabilities === undefined && options.length === values.length) return hp.choice(values, { label });
  return hp.pchoice(
    options.map(({ value, share }) => [Math.min(1, share), value] as const),
    { label },
  );
}

/** The keys with their defaults filled in, as W&B fills them. */
export function filled(keys: Table, given: JsonObject): JsonObject {
  const defaults = Object.entries(keys).flatMap(([name, { otherwise }]) =>
    otherwise === undefined ? [] : [[name, otherwise] as const],
  );
  return { ...Object.fromEntries(defaults), ...given };
}
