import { ArgminError, type Rng } from "@argmin/base";
import { sizeOf, type Shape } from "../graph/value.ts";
import { orthogonal } from "./orthogonal.ts";

/** First values that depend on the sizes of the layer only, under Keras's names. */
export type InitializerName =
  | "zeros"
  | "ones"
  | "glorotUniform"
  | "glorotNormal"
  | "heUniform"
  | "heNormal"
  | "lecunUniform"
  | "lecunNormal"
  | "orthogonal";

/** Which of the numbers of a layer's inputs and outputs the variance is divided by. */
export type FanMode = "fanIn" | "fanOut" | "fanAverage";

/** Zero-mean distributions of a given variance. A truncated normal is cut at two deviations, and widened to keep its variance. */
export type ScaledDistribution = "uniform" | "truncatedNormal" | "untruncatedNormal";

/** How a weight gets its first values. Normal deviates beyond two deviations are drawn again if `truncated`. */
export type Initializer =
  | InitializerName
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "normal"; readonly mean: number; readonly deviation: number; readonly truncated?: boolean }
  | {
      /** A variance of `scale` (default 1) over a fan (default `fanIn`); default distribution `truncatedNormal`. */
      readonly kind: "varianceScaling";
      readonly scale?: number;
      readonly mode?: FanMode;
      readonly distribution?: ScaledDistribution;
    }
  | { readonly kind: "orthogonal"; /** Default 1. */ readonly gain?: number };

type InitializerKind = Exclude<Initializer, string>["kind"];

/** How many inputs feed one output of a layer, and how many outputs one input feeds. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

type Draw = (rng: Rng) => number;

/** The deviation of a standard normal that is cut at two deviations. */
const TRUNCATED_DEVIATION = 0.8796256610342398;

const fansOf: { readonly [M in FanMode]: (fans: Fans) => number } = {
  fanIn: ({ fanIn }) => fanIn,
  fanOut: ({ fanOut }) => fanOut,
  fanAverage: ({ fanIn, fanOut }) => (fanIn + fanOut) / 2,
};

const scaled: { readonly [D in ScaledDistribution]: (variance: number) => Draw } = {
  uniform: (variance) => {
    const limit = Math.sqrt(3 * variance);
    return (rng) => rng.uniform(-limit, limit);
  },
  truncatedNormal: (variance) => {
    const deviation = Math.sqrt(variance) / TRUNCATED_DEVIATION;
    return (rng) => deviation * truncatedNormal(rng);
  },
  untruncatedNormal: (variance) => {
    const deviation = Math.sqrt(variance);
    return (rng) => rng.normal(0, deviation);
  },
};

function varianceScaling(scale: number, mode: FanMode, distribution: ScaledDistribution): (fans: Fans) => Draw {
  return (fans) => scaled[distribution](scale / fansOf[mode](fans));
}

/** Names that stand for a distribution of each number: Glorot and Bengio, 2010; He et al., 2015; LeCun et al., 1998. */
const draws: { readonly [K in Exclude<InitializerName, "orthogonal">]: (fans: Fans) => Draw } = {
  zeros: () => () => 0,
  ones: () => () => 1,
  glorotUniform: varianceScaling(1, "fanAverage", "uniform"),
  glorotNormal: varianceScaling(1, "fanAverage", "truncatedNormal"),
  heUniform: varianceScaling(2, "fanIn", "uniform"),
  heNormal: varianceScaling(2, "fanIn", "truncatedNormal"),
  lecunUniform: varianceScaling(1, "fanIn", "uniform"),
  lecunNormal: varianceScaling(1, "fanIn", "truncatedNormal"),
};

const names: readonly string[] = [...Object.keys(draws), "orthogonal"];

/**
 * The first values of a weight: a pure function of the initializer, the sizes and the stream.
 *
 * @throws ArgminError `model/invalid` where a bias is to be orthogonal.
 */
export function initialize(initializer: Initializer, shape: Shape, fans: Fans, rng: Rng): Float32Array {
  if (initializer === "orthogonal") return orthogonal(shape, 1, rng);
  if (typeof initializer === "object" && initializer.kind === "orthogonal") return orthogonal(shape, initializer.gain ?? 1, rng);
  const draw = typeof initializer === "string" ? draws[initializer](fans) : drawOf(initializer, fans);
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = draw(rng);
  return values;
}

/**
 * Looks at an initializer as it is given.
 *
 * @throws ArgminError `model/invalid` if it is unknown or its numbers make no distribution.
 */
export function checkInitializer(initializer: Initializer, owner: string): void {
  if (typeof initializer === "string") {
    if (names.includes(initializer)) return;
    throw new ArgminError(
      "model/invalid",
      `${owner} has no initializer "${initializer as string}"; choose one of ${names.join(", ")}.`,
    );
  }
  if (!Object.hasOwn(problems, initializer.kind)) {
    throw new ArgminError(
      "model/invalid",
      `${owner} has no initializer of kind "${initializer.kind}"; choose one of ${Object.keys(problems).join(", ")}.`,
    );
  }
  const { kind, ...settings } = initializer;
  const finite = Object.values(settings).every((value) => typeof value !== "number" || Number.isFinite(value));
  const problem = finite ? problemOf(initializer) : "give finite numbers";
  if (problem === undefined) return;
  throw new ArgminError("model/invalid", `${owner} cannot draw from ${kind} ${JSON.stringify(settings)}; ${problem}.`);
}

/** What is wrong with an initializer's settings, and what is wanted instead. */
const problems: { readonly [K in InitializerKind]: (given: Extract<Initializer, { readonly kind: K }>) => string | undefined } = {
  constant: ({ value }) => (typeof value === "number" ? undefined : "give it a value"),
  uniform: ({ low, high }) => (low <= high ? undefined : "give finite numbers in order"),
  normal: ({ mean, deviation }) =>
    typeof mean === "number" && deviation >= 0 ? undefined : "give it a mean and a deviation that is not negative",
  varianceScaling: ({ scale = 1, mode = "fanIn", distribution = "truncatedNormal" }) => {
    if (!(scale > 0)) return "give it a scale above 0";
    if (!Object.hasOwn(fansOf, mode)) return `its modes are ${Object.keys(fansOf).join(", ")}`;
    return Object.hasOwn(scaled, distribution) ? undefined : `its distributions are ${Object.keys(scaled).join(", ")}`;
  },
  orthogonal: () => undefined,
};

function problemOf<K extends InitializerKind>(initializer: Extract<Initializer, { readonly kind: K }>): string | undefined {
  const kind: K = initializer.kind;
  return problems[kind](initializer);
}

type Distribution = Exclude<Initializer, string | { readonly kind: "orthogonal" }>;

const distributions: {
  readonly [K in Distribution["kind"]]: (given: Extract<Distribution, { readonly kind: K }>, fans: Fans) => Draw;
} = {
  constant:
    ({ value }) =>
    () =>
      value,
  uniform:
    ({ low, high }) =>
    (rng) =>
      rng.uniform(low, high),
  normal: ({ mean, deviation, truncated = false }) =>
    truncated ? (rng) => mean + deviation * truncatedNormal(rng) : (rng) => rng.normal(mean, deviation),
  varianceScaling: ({ scale = 1, mode = "fanIn", distribution = "truncatedNormal" }, fans) =>
    varianceScaling(scale, mode, distribution)(fans),
};

function drawOf<K extends Distribution["kind"]>(given: Extract<Distribution, { readonly kind: K }>, fans: Fans): Draw {
  const kind: K = given.kind;
  return distributions[kind](given, fans);
}

function truncatedNormal(rng: Rng): number {
  let deviate = rng.normal();
  while (Math.abs(deviate) > 2) deviate = rng.normal();
  return deviate;
}
