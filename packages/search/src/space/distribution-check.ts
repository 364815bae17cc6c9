import { ArgminError } from "@argmin/base";
import { lookUp, type Distribution, type DistributionTable } from "./distribution.ts";
import { domainOf } from "./domain.ts";

const calls: DistributionTable<string> = {
  uniform: ({ low, high }) => `hp.uniform(${low}, ${high})`,
  quniform: ({ low, high, q }) => `hp.quniform(${low}, ${high}, ${q})`,
  loguniform: ({ low, high }) => `hp.loguniform(${low}, ${high})`,
  qloguniform: ({ low, high, q }) => `hp.qloguniform(${low}, ${high}, ${q})`,
  normal: ({ mu, sigma }) => `hp.normal(${mu}, ${sigma})`,
  qnormal: ({ mu, sigma, q }) => `hp.qnormal(${mu}, ${sigma}, ${q})`,
  lognormal: ({ mu, sigma }) => `hp.lognormal(${mu}, ${sigma})`,
  qlognormal: ({ mu, sigma, q }) => `hp.qlognormal(${mu}, ${sigma}, ${q})`,
  roundeduniform: ({ low, high, q }) => `hp.roundeduniform(${low}, ${high}, ${q})`,
  roundedloguniform: ({ low, high, q }) => `hp.roundedloguniform(${low}, ${high}, ${q})`,
  beta: ({ a, b }) => `hp.beta(${a}, ${b})`,
  qbeta: ({ a, b, q }) => `hp.qbeta(${a}, ${b}, ${q})`,
  randint: ({ low, high }) => `hp.randint(${low === 0 ? "" : `${low}, `}${high})`,
  uniformint: ({ low, high }) => `hp.uniformint(${low}, ${high})`,
  float: ({ low, high, log, step }) => `hp.float(${low}, ${high}${optionsText({ log, step })})`,
  int: ({ low, high, log, step }) => `hp.int(${low}, ${high}${optionsText({ log, step: step === 1 ? null : step })})`,
  choice: ({ options, weights }) => `hp.${weights === null ? "choice" : "pchoice"} of ${options.length} options`,
};

function optionsText({ log, step }: { readonly log: boolean; readonly step: number | null }): string {
  const options = [...(log ? ["log: true"] : []), ...(step === null ? [] : [`step: ${step}`])];
  return options.length === 0 ? "" : `, { ${options.join(", ")} }`;
}

/** The call that makes the distribution, for messages: "hp.uniform(0, 1)". */
export function callOf(distribution: Distribution): string {
  return lookUp(calls, distribution);
}

/** The first rule that a distribution breaks, as the second half of a sentence; `undefined` if it breaks none. */
type Complaint = string | undefined;

const rules: DistributionTable<Complaint> = {
  uniform: checkRange,
  quniform: (it) => checkRange(it) ?? checkStep("q", it.q) ?? checkPrecision(it.low, it.high, it.q),
  loguniform: (it) => checkRange(it) ?? checkLogBounds(it.low, it.high),
  qloguniform: checkLogSteps,
  normal: checkNormal,
  qnormal: (it) => checkNormal(it) ?? checkStep("q", it.q),
  lognormal: checkLogNormal,
  qlognormal: (it) => checkLogNormal(it) ?? checkStep("q", it.q),
  roundeduniform: (it) => checkRange(it) ?? checkStep("q", it.q) ?? checkPrecision(it.low, it.high, it.q),
  roundedloguniform: checkLogSteps,
  beta: checkBeta,
  qbeta: (it) => checkBeta(it) ?? checkStep("q", it.q) ?? checkPrecision(0, 1, it.q),
  randint: (it) =>
    checkIntegers(it) ??
    (it.low < it.high ? undefined : `the upper end is exclusive and must be above ${it.low}; the integers below it are drawn`),
  uniformint: (it) => checkIntegers(it) ?? checkOrder(it),
  float: (it) =>
    checkRange(it) ??
    checkLogScale(it) ??
    (it.step === null ? undefined : (checkStep("step", it.step) ?? checkPrecision(it.low, it.high, it.step))),
  int: (it) =>
    checkIntegers(it) ??
    checkOrder(it) ??
    checkLogScale(it) ??
    (Number.isSafeInteger(it.step) && it.step > 0 ? undefined : `step must be a positive integer, not ${it.step}`),
  choice: (it) => {
    if (it.options.length === 0) return "there must be at least one option";
    return it.weights === null ? undefined : checkWeights(it.weights, it.options.length);
  },
};

/**
 * Refuses a distribution that has no meaning.
 *
 * @param name - The label of the parameter, if it is known already, for the message.
 * @returns The distribution itself.
 * @throws ArgminError `space/bounds`
 */
export function checkDistribution<D extends Distribution>(distribution: D, name?: string): D {
  const complaint = lookUp<Distribution["kind"], Complaint>(rules, distribution) ?? checkNotEmpty(distribution);
  if (complaint === undefined) return distribution;
  const where = name === undefined ? "" : `'${name}': `;
  throw new ArgminError("space/bounds", `${where}${callOf(distribution)} has no meaning: ${complaint}.`);
}

type Range = { readonly low: number; readonly high: number };

function checkRange({ low, high }: Range): Complaint {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return "both bounds must be finite numbers";
  if (low >= high) return `the lower bound ${low} must be below the upper bound ${high}`;
  return Number.isFinite(high - low) ? undefined : "the bounds are too far apart for a floating-point number";
}

function checkOrder({ low, high }: Range): Complaint {
  return low <= high ? undefined : `the lower bound ${low} must not be above the upper bound ${high}`;
}

function checkIntegers({ low, high }: Range): Complaint {
  if (Number.isSafeInteger(low) && Number.isSafeInteger(high) && Number.isSafeInteger(high - low)) return undefined;
  return "both bounds must be integers of at most 2^53";
}

function checkStep(name: string, step: number): Complaint {
  return Number.isFinite(step) && step > 0 ? undefined : `${name} must be a positive finite number, not ${step}`;
}

function checkPrecision(low: number, high: number, step: number): Complaint {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  return largest / step <= 2 ** 50 ? undefined : `a step of ${step} is lost in the rounding of numbers near ${largest}`;
}

function checkLogScale({ low, log }: { readonly low: number; readonly log: boolean }): Complaint {
  return !log || low > 0 ? undefined : `a logarithmic scale needs a lower bound above 0, not ${low}`;
}

function checkLogSteps(it: Range & { readonly q: number }): Complaint {
  return (
    checkRange(it) ??
    checkLogBounds(it.low, it.high) ??
    checkStep("q", it.q) ??
    withHint(checkPrecision(Math.exp(it.low), Math.exp(it.high), it.q))
  );
}

function checkBeta({ a, b }: { readonly a: number; readonly b: number }): Complaint {
  const bad = [a, b].find((shape) => !(shape >= smallestShape && shape <= largestShape));
  return bad === undefined ? undefined : `a and b must be numbers from ${smallestShape} to ${largestShape}, not ${bad}`;
}

/** Beyond these, all but a trace of the probability lies on the two ends or on one value. */
const smallestShape = 1e-3;
const largestShape = 1e6;

function checkLogBounds(low: number, high: number): Complaint {
  if (Number.isFinite(Math.exp(high)) && Math.exp(low) > 0) return undefined;
  return withHint(`exp(${low}) to exp(${high}) is beyond floating-point numbers`);
}

/** The likeliest reason for bounds of which the exponentials are extreme. */
function withHint(complaint: Complaint): Complaint {
  return complaint && `${complaint}; its bounds are natural logarithms, real ones go to hp.float(low, high, { log: true })`;
}

function checkNormal({ mu, sigma }: { readonly mu: number; readonly sigma: number }): Complaint {
  if (!Number.isFinite(mu)) return `mu must be a finite number, not ${mu}`;
  if (!Number.isFinite(sigma) || sigma <= 0) return `sigma must be a positive finite number, not ${sigma}`;
  return Number.isFinite(Math.abs(mu) + largestDeviate * sigma) ? undefined : "draws would be beyond floating-point numbers";
}

function checkLogNormal(it: { readonly mu: number; readonly sigma: number }): Complaint {
  const reach = largestDeviate * it.sigma;
  if (checkNormal(it) !== undefined) return checkNormal(it);
  if (Number.isFinite(Math.exp(it.mu + reach)) && Math.exp(it.mu - reach) > 0) return undefined;
  return "mu and sigma are those of the logarithm, and draws would be beyond floating-point numbers";
}

/** No draw of a standard normal is further out: its quantile is taken at 2^-54 at the least. */
const largestDeviate = 8.4;

function checkWeights(weights: readonly number[], optionCount: number): Complaint {
  if (weights.length !== optionCount) return `there must be one probability for each option, not ${weights.length}`;
  const bad = weights.find((weight) => !(weight > 0 && weight <= 1));
  if (bad !== undefined)
    return `each probability must be above 0 and at most 1, not ${bad}; leave out an option that is never wanted`;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Math.abs(sum - 1) <= 0.01 ? undefined : `the probabilities must sum to 1, not ${Number(sum.toPrecision(6))}`;
}

function checkNotEmpty(distribution: Distribution): Complaint {
  const domain = domainOf(distribution);
  if (domain.kind !== "lattice" || domain.count >= 1) return undefined;
  return `no multiple of ${domain.step} lies between the bounds; widen them or take a smaller q`;
}
