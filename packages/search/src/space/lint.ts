import type { JsonValue } from "@argmin/base";
import { callOf } from "./distribution-check.ts";
import type { Distribution, DistributionOf } from "./distribution.ts";
import { domainOf } from "./domain.ts";
import { findDiscriminant, textMembersOfTemplate } from "./discriminant.ts";
import type { Parameter, Space } from "./space.ts";
import type { Template } from "./template.ts";

export type LintCode =
  | "linear-over-decades"
  | "linear-rate"
  | "unreachable-end"
  | "widened-range"
  | "single-value"
  | "single-option"
  | "ordered-options"
  | "rare-option"
  | "no-discriminant"
  | "real-bounds"
  | "wide-normal";

/** Something in a space that probably means something else than it says. */
export type LintWarning = { readonly code: LintCode; readonly label: string; readonly message: string };

/** What a rule has to say of a parameter; `undefined` if nothing. */
type Rule = (parameter: Parameter) => string | undefined;

const rules: { readonly [Code in LintCode]: Rule } = {
  "linear-over-decades": ({ distribution }) => {
    const range = linearRange(distribution);
    if (range === undefined || range.low <= 0) return undefined;
    const decades = Math.log10(range.high / range.low);
    if (decades < (range.isInteger ? 3 : 2)) return undefined;
    const share = Number((((range.high / 10 - range.low) / (range.high - range.low)) * 100).toPrecision(2));
    return `spans ${Number(decades.toPrecision(2))} powers of ten on a linear scale, so that values below ${range.high / 10} are drawn only ${share} % of the time; if orders of magnitude matter, write ${logCall(range)}`;
  },
  "linear-rate": ({ label, distribution }) => {
    const range = linearRange(distribution);
    if (range === undefined || !rateName.test(label)) return undefined;
    const isNarrow = range.low > 0 && (range.high / range.low < 5 || range.high / range.low >= 100);
    if (isNarrow || range.high > 1 || range.low < 0) return undefined;
    return range.low === 0
      ? `looks like a rate that matters by its order of magnitude, but is searched linearly from 0; give it a lower bound above 0 and { log: true }`
      : `looks like a rate that matters by its order of magnitude, but is searched linearly; write ${logCall(range)}`;
  },
  "unreachable-end": (parameter) => {
    const gap = gapsOf(parameter);
    if (gap === undefined || gap.isWidened || (gap.below === 0 && gap.above === 0)) return undefined;
    const ends = [...(gap.below > 0 ? [`${short(gap.low)} below`] : []), ...(gap.above > 0 ? [`${short(gap.high)} above`] : [])];
    return `never reaches its bound ${ends.join(" or ")}: the values are ${gap.first} to ${gap.last} in steps of ${gap.step}; move the bounds onto the step`;
  },
  "widened-range": (parameter) => {
    const gap = gapsOf(parameter);
    if (gap === undefined || !gap.isWidened) return undefined;
    const step = gap.step === 1 ? "" : `, { step: ${gap.step} }`;
    const builder = Number.isInteger(gap.first) && Number.isInteger(gap.step) ? "hp.int" : "hp.float";
    return `has bounds half a step beyond its values ${gap.first} to ${gap.last}; the ends have their fair share without that: write ${builder}(${gap.first}, ${gap.last}${step})`;
  },
  "single-value": ({ domain }) =>
    domain.kind === "lattice" && domain.count === 1 ? `has the one value ${domain.first}; write that instead` : undefined,
  "single-option": ({ domain }) =>
    domain.kind === "categories" && domain.count === 1 ? "is a choice with one option; write that instead" : undefined,
  "ordered-options": ({ distribution }) => {
    if (distribution.kind !== "choice") return undefined;
    const numbers = numbersOf(distribution);
    return numbers === undefined
      ? undefined
      : `is a choice of ordered numbers, which a sampler must take for unrelated names; where values in between or the order matter, write ${orderedCall(numbers)}`;
  },
  "rare-option": ({ domain }) => {
    if (domain.kind !== "categories" || domain.weights === null) return undefined;
    const rare = domain.weights.findIndex((weight) => weight < 0.01);
    return rare < 0
      ? undefined
      : `draws option ${rare} with a probability of only ${Number(domain.weights[rare]!.toPrecision(2))}, so that most searches never try it; give it more or leave it out`;
  },
  "no-discriminant": ({ distribution }) => {
    if (distribution.kind !== "choice") return undefined;
    const objects = distribution.options.filter((option) => keysOf(option) !== undefined);
    const shapes = new Set(objects.map((option) => keysOf(option)?.toSorted().join()));
    if (shapes.size < 2 || findDiscriminant(distribution.options.map(textMembersOfTemplate)) !== undefined) return undefined;
    return 'has objects with different members as options but nothing to tell them apart by; give each a different text under one key, as in { kind: "sgd", … }';
  },
  "real-bounds": ({ distribution }) => {
    if (!("low" in distribution) || !distribution.kind.endsWith("loguniform")) return undefined;
    const { low, high } = distribution;
    const looksReal = (low > 0 && high <= 1 && high / low >= 10) || high >= 27;
    if (!looksReal) return undefined;
    const [from, to] = [Math.exp(low), Math.exp(high)].map((end) => Number(end.toPrecision(3)));
    return `draws from ${from} to ${to}, for its bounds are natural logarithms; if ${low} and ${high} are the real ones, write hp.float(${low}, ${high}, { log: true })`;
  },
  "wide-normal": ({ distribution, domain }) => {
    if (domain.kind !== "gaussian") return undefined;
    const { mu, sigma, log } = domain;
    if (log ? sigma <= 6 : sigma <= 100 * Math.max(1, Math.abs(mu))) return undefined;
    return log
      ? `has a sigma of ${sigma}, which is that of the logarithm: the middle 95 % of draws spans ${Math.round((2 * 1.96 * sigma) / Math.LN10)} powers of ten`
      : `is so wide that draws are rarely near its mu of ${mu} (${callOf(distribution)}); use hp.float with bounds, or a smaller sigma`;
  },
};

const rateName = /(^|[^a-z])(lr|learning_?rate|l2|weight_?decay|regularization)([^a-z]|$)/i;

/** What in the space probably means something else than it says, in the order of its parameters. */
export function lintSpace(space: Space): readonly LintWarning[] {
  return space.parameters.flatMap((parameter) =>
    lintCodes.flatMap((code) => {
      const problem = rules[code](parameter);
      return problem === undefined ? [] : [{ code, label: parameter.label, message: `'${parameter.label}' ${problem}.` }];
    }),
  );
}

function isLintCode(code: string): code is LintCode {
  return Object.hasOwn(rules, code);
}

const lintCodes = Object.keys(rules).filter(isLintCode);

type LinearRange = { readonly low: number; readonly high: number; readonly isInteger: boolean; readonly step: number | null };

/** The range of a numeric distribution whose values have an order and are searched on a linear scale. */
function linearRange(distribution: Distribution): LinearRange | undefined {
  if (!("low" in distribution) || distribution.kind === "randint") return undefined;
  const domain = domainOf(distribution);
  if (domain.kind === "interval" && !domain.log) return { low: domain.low, high: domain.high, isInteger: false, step: null };
  if (domain.kind !== "lattice" || domain.log) return undefined;
  const isInteger = Number.isInteger(domain.step) && Number.isInteger(domain.first);
  return { low: domain.first, high: domain.last, isInteger, step: isInteger && domain.step === 1 ? null : domain.step };
}

function logCall({ low, high, isInteger, step }: LinearRange): string {
  return `hp.${isInteger ? "int" : "float"}(${low}, ${high}, { log: true${step === null ? "" : `, step: ${step}`} })`;
}

type Gaps = {
  readonly low: number;
  readonly high: number;
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly below: number;
  readonly above: number;
  /** Whether both gaps are just under half a step: hyperopt's way to give the ends their fair share. */
  readonly isWidened: boolean;
};

/** How far the ends of a stepped range are from its bounds. */
function gapsOf({ distribution, domain }: Parameter): Gaps | undefined {
  if (domain.kind !== "lattice" || !("low" in distribution) || distribution.kind === "randint") return undefined;
  // Bounds that are rounded are not meant to be values.
  if (domain.rounds !== undefined) return undefined;
  const isLogged = distribution.kind === "qloguniform";
  const [low, high] = isLogged
    ? [Math.exp(distribution.low), Math.exp(distribution.high)]
    : [distribution.low, distribution.high];
  // Bounds given as logarithms rarely hit a multiple exactly.
  const slack = (isLogged ? 1e-6 : 1e-9) * domain.step;
  // Below the first multiple a log-uniform needs room for half a cell, which is a sensible lower bound.
  const tolerated = isLogged ? domain.step / 2 : slack;
  const below = domain.first - low > tolerated ? domain.first - low : 0;
  const above = high - domain.last > slack ? high - domain.last : 0;
  const isNearHalf = (gap: number): boolean => gap / domain.step >= 0.45 && gap / domain.step <= 0.5;
  return {
    low,
    high,
    first: domain.first,
    last: domain.last,
    step: domain.step,
    below,
    above,
    isWidened: isNearHalf(below) && isNearHalf(above),
  };
}

/** The options of a choice if they are three or more numbers in ascending or descending order. */
function numbersOf({ options }: DistributionOf<"choice">): readonly number[] | undefined {
  const numbers = options
    .map((option): JsonValue => (option.kind === "constant" ? option.value : null))
    .filter((value) => typeof value === "number");
  if (numbers.length < 3 || numbers.length < options.length) return undefined;
  const ascending = numbers[0]! < numbers[1]! ? numbers : numbers.toReversed();
  return ascending.every((value, i) => i === 0 || value > ascending[i - 1]!) ? ascending : undefined;
}

function short(value: number): number {
  return Number(value.toPrecision(6));
}

function orderedCall(numbers: readonly number[]): string {
  const low = numbers[0]!;
  const high = numbers.at(-1)!;
  const builder = numbers.every(Number.isInteger) ? "hp.int" : "hp.float";
  const step = numbers[1]! - low;
  const isEven = numbers.every((value, i) => Math.abs(value - low - i * step) <= 1e-9 * step);
  const isOrderly = low > 0 && high / low >= 8;
  const options = [
    ...(isOrderly && !isEven ? ["log: true"] : []),
    ...(isEven && step !== 1 ? [`step: ${Number(step.toPrecision(12))}`] : []),
  ];
  return `${builder}(${low}, ${high}${options.length === 0 ? "" : `, { ${options.join(", ")} }`})`;
}

/** The names of an option's members, if it is an object. */
function keysOf(option: Template): readonly string[] | undefined {
  if (option.kind === "object") return Object.keys(option.members);
  if (option.kind !== "constant" || typeof option.value !== "object" || option.value === null) return undefined;
  return Array.isArray(option.value) ? undefined : Object.keys(option.value);
}
