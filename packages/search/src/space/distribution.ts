import type { Template } from "./template.ts";

/** Uniform over [low, high]. */
export type Uniform = { readonly kind: "uniform"; readonly low: number; readonly high: number };

/** The multiples of `q` in [low, high], all equally likely. */
export type QUniform = { readonly kind: "quniform"; readonly low: number; readonly high: number; readonly q: number };

/** exp of a uniform: `low` and `high` are natural logarithms of the ends. */
export type LogUniform = { readonly kind: "loguniform"; readonly low: number; readonly high: number };

/** The multiples of `q` in [exp(low), exp(high)], each as likely as a log-uniform makes the cell around it. */
export type QLogUniform = { readonly kind: "qloguniform"; readonly low: number; readonly high: number; readonly q: number };

/** Normal, without bounds. */
export type Normal = { readonly kind: "normal"; readonly mu: number; readonly sigma: number };

/** A normal rounded to the nearest multiple of `q`. */
export type QNormal = { readonly kind: "qnormal"; readonly mu: number; readonly sigma: number; readonly q: number };

/** exp of a normal; always positive. */
export type LogNormal = { readonly kind: "lognormal"; readonly mu: number; readonly sigma: number };

/** exp of a normal, rounded to the nearest multiple of `q`; may be 0. */
export type QLogNormal = { readonly kind: "qlognormal"; readonly mu: number; readonly sigma: number; readonly q: number };

/** The integers low to high - 1, equally likely and, to a model, without an order. */
export type RandInt = { readonly kind: "randint"; readonly low: number; readonly high: number };

/** The integers low to high, both included, equally likely. */
export type UniformInt = { readonly kind: "uniformint"; readonly low: number; readonly high: number };

/** A real number between real bounds, on a logarithmic scale if `log`, restricted to low + k * step if there is a `step`. */
export type Float = {
  readonly kind: "float";
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly step: number | null;
};

/** An integer low + k * step up to `high`, both ends included, on a logarithmic scale if `log`. */
export type Int = {
  readonly kind: "int";
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly step: number;
};

/** One of `options`, which may hold further parameters; `weights` are probabilities, `null` if all are equal. */
export type Choice = {
  readonly kind: "choice";
  readonly options: readonly Template[];
  readonly weights: readonly number[] | null;
};

/** What a parameter may be, as plain JSON data. */
export type Distribution =
  | Uniform
  | QUniform
  | LogUniform
  | QLogUniform
  | Normal
  | QNormal
  | LogNormal
  | QLogNormal
  | RandInt
  | UniformInt
  | Float
  | Int
  | Choice;

export type DistributionKind = Distribution["kind"];

/** Every distribution that yields a number, as opposed to one of several options. */
export type NumericDistribution = Exclude<Distribution, Choice>;
