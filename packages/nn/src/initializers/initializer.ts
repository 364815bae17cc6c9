import { ArgminError, type Rng } from "@argmin/base";
import { sizeOf, type Shape } from "../graph/value.ts";

/** First values that depend on the sizes of the layer only, under Keras's names. */
export type InitializerName =
  | "zeros"
  | "ones"
  | "glorotUniform"
  | "glorotNormal"
  | "heUniform"
  | "heNormal"
  | "lecunUniform"
  | "lecunNormal";

/** How a weight gets its first values. Normal deviates beyond two deviations are drawn again if `truncated`. */
export type Initializer =
  | InitializerName
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "normal"; readonly mean: number; readonly deviation: number; readonly truncated?: boolean };

/** How many inputs feed one output of a layer, and how many outputs one input feeds. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

type Draw = (rng: Rng) => number;

/** The deviation of a standard normal that is cut at two deviations. */
const TRUNCATED_DEVIATION = 0.8796256610342398;

/**
 * Variance scaling: `glorot` keeps 2 / (fanIn + fanOut) (Glorot and Bengio, 2010), `he` 2 / fanIn (He et al., 2015),
 * `lecun` 1 / fanIn (LeCun et al., 1998).
 */
const draws: { readonly [K in InitializerName]: (fans: Fans) => Draw } = {
  zeros: () => () => 0,
  ones: () => () => 1,
  glorotUniform: ({ fanIn, fanOut }) => uniformOf(2 / (fanIn + fanOut)),
  glorotNormal: ({ fanIn, fanOut }) => truncatedOf(2 / (fanIn + fanOut)),
  heUniform: ({ fanIn }) => uniformOf(2 / fanIn),
  heNormal: ({ fanIn }) => truncatedOf(2 / fanIn),
  lecunUniform: ({ fanIn }) => uniformOf(1 / fanIn),
  lecunNormal: ({ fanIn }) => truncatedOf(1 / fanIn),
};

/** The first values of a weight: a pure function of the initializer, the sizes and the stream. */
export function initialize(initializer: Initializer, shape: Shape, fans: Fans, rng: Rng): Float32Array {
  const draw = drawOf(initializer, fans);
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
    if (Object.hasOwn(draws, initializer)) return;
    throw new ArgminError(
      "model/invalid",
      `${owner} has no initializer "${initializer as string}"; choose one of ${Object.keys(draws).join(", ")}.`,
    );
  }
  const { kind, ...numbers } = initializer;
  const finite = Object.values(numbers).every((value) => typeof value !== "number" || Number.isFinite(value));
  const ordered = initializer.kind !== "uniform" || initializer.low <= initializer.high;
  const wide = initializer.kind !== "normal" || initializer.deviation >= 0;
  if (!finite || !ordered || !wide) {
    throw new ArgminError(
      "model/invalid",
      `${owner} cannot draw from ${kind} ${JSON.stringify(numbers)}; give finite numbers in order.`,
    );
  }
}

function drawOf(initializer: Initializer, fans: Fans): Draw {
  if (typeof initializer === "string") return draws[initializer](fans);
  if (initializer.kind === "constant") return () => initializer.value;
  if (initializer.kind === "uniform") return (rng) => rng.uniform(initializer.low, initializer.high);
  const { mean, deviation, truncated = false } = initializer;
  return truncated ? (rng) => mean + deviation * truncatedNormal(rng) : (rng) => rng.normal(mean, deviation);
}

function uniformOf(variance: number): Draw {
  const limit = Math.sqrt(3 * variance);
  return (rng) => rng.uniform(-limit, limit);
}

function truncatedOf(variance: number): Draw {
  const deviation = Math.sqrt(variance) / TRUNCATED_DEVIATION;
  return (rng) => deviation * truncatedNormal(rng);
}

function truncatedNormal(rng: Rng): number {
  let deviate = rng.normal();
  while (Math.abs(deviate) > 2) deviate = rng.normal();
  return deviate;
}
