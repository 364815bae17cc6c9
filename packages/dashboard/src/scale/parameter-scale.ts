import { quantile, valueText, type Parameter } from "@argmin/search";
import { linearScale, logScale, optionScale, type Scale } from "./scale.ts";

/** The scale of a parameter's values as its space has them; one without bounds reaches as far as `values` do. */
export function parameterScale(parameter: Parameter, values: readonly number[] = []): Scale {
  const { domain } = parameter;
  if (domain.kind === "categories") {
    return optionScale(Array.from({ length: domain.count }, (_, option) => valueText(parameter, option)));
  }
  if (domain.kind === "interval") return (domain.log ? logScale : linearScale)(domain.low, domain.high);
  if (domain.kind === "lattice") {
    const { first, last, step, count, log } = domain;
    if (log && first > 0) return logScale(first, last, { margin: 0.02 });
    const isWhole = Number.isInteger(first) && Number.isInteger(step);
    // Few values stand in cells as wide as a step.
    return linearScale(first, last, { isWhole, margin: count > 1 && count <= fewValues ? 0.5 / (count - 1) : 0 });
  }
  const ends = [quantile(domain, 0.005), quantile(domain, 0.995), ...values.filter((value) => Number.isFinite(value))];
  const isLog = domain.log && ends.every((value) => value > 0);
  return (isLog ? logScale : linearScale)(least(ends), most(ends));
}

/** Whether so few values are possible that many trials share one: their marks want to be spread. */
export function hasFewValues({ domain }: Parameter): boolean {
  return domain.kind === "categories" || (domain.kind === "lattice" && domain.count <= fewValues && !domain.log);
}

/** How many steps of such a parameter lie side by side along its axis. */
export function cellsOf({ domain }: Parameter): number {
  return domain.kind === "categories" || domain.kind === "lattice" ? Math.max(1, domain.count) : 1;
}

const fewValues = 12;

/** The smallest of many numbers; Infinity of none. */
export function least(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
}

/** The largest of many numbers; -Infinity of none. */
export function most(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
}
