import { ArgminError, Rng } from "@argmin/base";
import { compileResponses, layerOf, type Device, type Responses, type TrainedNetwork } from "@argmin/nn";
import { shiftImage, smooth, type AscentMethod, type ImageShape } from "./methods.ts";

/** How filters are excited. */
export interface AscentOptions extends AscentMethod {
  /** Whose filters: the channels (or units) of its output, after its activation. */
  readonly layer: string;
  /** Which of them; all unless given. */
  readonly filters?: readonly number[];
  /** Default 20: with 30 filters are excited by 3 % more, and images look the same. */
  readonly steps?: number;
  /** The length of the first step, as a share of the range of the pixels: the root mean square of the change. Default 0.075. */
  readonly rate?: number;
  /** The least and the greatest value of a pixel; default 0 and 1, what networks here are trained on. */
  readonly range?: readonly [low: number, high: number];
  /** Of the noise that images start from, and of the shifts. Default 0. */
  readonly seed?: number;
  /** Default "cpu". */
  readonly device?: Device;
  /** Threads of one operator (default 1). */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Told how many steps of images are done, of how many. */
  readonly onStep?: (done: number, count: number) => void;
}

/** What came of one filter. */
export interface ExcitedFilter {
  /** Its place among the layer's. */
  readonly filter: number;
  /**
   * The mean of its activation over all places, where what is below 0 counts a hundredth; of the image it started from and of the one
   * it ended with.
   */
  readonly before: number;
  readonly activation: number;
  /** `[channel, height, width]`, within the range. */
  readonly image: Float32Array;
}

/** What came of a layer. */
export interface ExcitedLayer {
  readonly layer: string;
  /** How many filters the layer has, those that were not asked for included. */
  readonly total: number;
  readonly shape: ImageShape;
  readonly range: readonly [low: number, high: number];
  /** In the order of their places. */
  readonly filters: readonly ExcitedFilter[];
}

/** Images ascended at once: with more an image takes no less time, and the tensors between the layers leave the caches. */
const BATCH = 16;

/** Of the noise at the start, as a share of the range. */
const NOISE = 0.05;

/**
 * How much of what a filter says below 0 counts. Where negative numbers pass, as through ELU or a sum, all places together want
 * nothing but a colour: of stripes the dark ones cancel the bright ones. With nothing of it there is no way up for a filter that is
 * below 0 everywhere.
 */
const NEGATIVE_SHARE = 0.01;

/**
 * An image for each filter of a layer that excites it: from grey with a little noise, the mean of the filter's activation is climbed
 * by steps along its gradient, divided by that one's root mean square (Erhan et al., 2009). Pixels never leave their range. Images are
 * independent of one another: the same seed gives the same image for a filter, but for rounding, whichever others are asked for.
 *
 * @throws ArgminError `model/invalid` if there is no such layer or the network's inputs are no grey or coloured images, `value/invalid` for settings
 *   out of range, `training/interrupted` when the signal says so.
 */
export async function exciteFilters(network: TrainedNetwork, options: AscentOptions): Promise<ExcitedLayer> {
  const plan = planOf(network, options);
  const { filters, shape, steps, range } = plan;
  const { device = "cpu", threads = 1 } = options;
  // As many batches as there must be, of one size.
  const batch = Math.ceil(filters.length / Math.ceil(filters.length / BATCH));
  const responses = await compileResponses(network, {
    layer: options.layer,
    batch,
    negativeShare: NEGATIVE_SHARE,
    device,
    threads,
  });
  try {
    const excited: ExcitedFilter[] = [];
    const count = filters.length * steps;
    for (let from = 0; from < filters.length; from += responses.batch) {
      const some = filters.slice(from, from + responses.batch);
      const tell = (step: number): void => options.onStep?.(from * steps + step * some.length, count);
      excited.push(...(await ascend(responses, some, plan, tell)));
    }
    return { layer: options.layer, total: responses.channels, shape, range, filters: excited };
  } finally {
    await responses.dispose();
  }
}

type Plan = ReturnType<typeof planOf>;

function planOf(network: TrainedNetwork, options: AscentOptions) {
  const { layer, steps = 20, rate = 0.075, range = [0, 1], seed = 0, jitter = 0, totalVariation = 0, l2 = 0, signal } = options;
  const [channels, height, width, ...others] = network.inputShape;
  if ((channels !== 1 && channels !== 3) || height === undefined || width === undefined || others.length > 0) {
    throw new ArgminError(
      "model/invalid",
      `${network.name} takes [${network.inputShape.join(", ")}], no images of [1 or 3, height, width]; what excites its filters cannot be shown.`,
    );
  }
  const total = layerOf(network, layer).shape[0] ?? 0;
  const filters = options.filters ?? Array.from({ length: total }, (_, filter) => filter);
  const other = filters.find((filter) => !Number.isInteger(filter) || filter < 0 || filter >= total);
  check(other === undefined, `The layer ${layer} has the filters 0 to ${total - 1}, not ${other}.`);
  check(filters.length > 0, "There must be at least one filter.");
  check(Number.isSafeInteger(steps) && steps > 0, `The number of steps must be a positive whole number, not ${steps}.`);
  check(rate > 0 && Number.isFinite(rate), `The rate must be above 0, not ${rate}.`);
  check(Number.isSafeInteger(jitter) && jitter >= 0, `The jitter must be a whole number of pixels from 0, not ${jitter}.`);
  check(totalVariation >= 0 && Number.isFinite(totalVariation), `The total variation must be from 0, not ${totalVariation}.`);
  check(l2 >= 0 && Number.isFinite(l2), `The L2 weight must be from 0, not ${l2}.`);
  const [low, high] = range;
  check(low < high && Number.isFinite(high - low), `The range must be two finite numbers, the lower first, not ${low}, ${high}.`);
  const span = high - low;
  const method = { jitter, totalVariation, l2 };
  const rng = Rng.fromSeed(seed).split("filters", layer);
  return { filters, shape: { channels, height, width }, steps, rate, range, low, high, span, method, rng, signal };
}

function check(holds: boolean, problem: string): void {
  if (!holds) throw new ArgminError("value/invalid", problem);
}

/** Ascends as many filters as a run looks at, or fewer. */
async function ascend(
  responses: Responses,
  filters: readonly number[],
  { shape, steps, rate, range, low, high, span, method, rng, signal }: Plan,
  tell: (step: number) => void,
): Promise<readonly ExcitedFilter[]> {
  const size = shape.channels * shape.height * shape.width;
  const middle = (low + high) / 2;
  responses.selection.fill(0);
  const climbs = filters.map((filter, row) => {
    responses.selection[row * responses.channels + filter] = 1;
    const own = rng.split(filter);
    const part = [row * size, (row + 1) * size] as const;
    return {
      filter,
      rng: own,
      image: noise(size, own, middle, NOISE * span, range),
      /** What the network sees of it, and what it says. */
      seen: responses.input.subarray(...part),
      gradient: responses.gradient.subarray(...part),
      shift: [0, 0] as readonly [down: number, right: number],
      before: 0,
    };
  });
  const direction = new Float32Array(size);
  for (let step = 0; step <= steps; step++) {
    if (signal?.aborted) throw new ArgminError("training/interrupted", "The ascent was interrupted.", { cause: signal.reason });
    // The last look is at the images as they have become.
    const isLast = step === steps;
    for (const climb of climbs) {
      const { jitter } = method;
      climb.shift = jitter === 0 || isLast || step === 0 ? [0, 0] : [draw(climb.rng, jitter), draw(climb.rng, jitter)];
      shiftImage(climb.image, climb.seen, shape, ...climb.shift);
    }
    await responses.run();
    if (step === 0) climbs.forEach((climb, row) => (climb.before = responses.response[row]!));
    if (isLast) break;
    // Long steps first, which find a place, then short ones, which stay there.
    const length = rate * span * (1 - (0.9 * step) / steps);
    for (const [row, climb] of climbs.entries()) {
      const { image, gradient, shift, rng: own } = climb;
      const rms = rootMeanSquare(gradient);
      if (!(rms > 0 && rms < Infinity)) {
        // Nothing more can be had of an activation that has an upper end and is there.
        if (rms === 0 && responses.response[row]! > 0) continue;
        // A filter that says nothing to an image says nothing of where to go, either: stronger noise may wake it.
        image.set(noise(size, own, middle, Math.min(0.5, NOISE * (step + 2)) * span, range));
        continue;
      }
      shiftImage(gradient, direction, shape, -shift[0], -shift[1]);
      for (let i = 0; i < size; i++) direction[i] = direction[i]! / rms - (method.l2 * (image[i]! - middle)) / span;
      if (method.totalVariation > 0) smooth(image, direction, shape, span, method.totalVariation);
      for (let i = 0; i < size; i++) image[i] = Math.min(high, Math.max(low, image[i]! + length * direction[i]!));
    }
    tell(step + 1);
  }
  return climbs.map(({ filter, before, image }, row) => ({ filter, before, activation: responses.response[row]!, image }));
}

/** Grey with normally distributed noise, within the range. */
function noise(
  size: number,
  rng: Rng,
  middle: number,
  deviation: number,
  [low, high]: readonly [low: number, high: number],
): Float32Array {
  return Float32Array.from({ length: size }, () => Math.min(high, Math.max(low, rng.normal(middle, deviation))));
}

/** A whole number from -most to most. */
function draw(rng: Rng, most: number): number {
  return rng.integer(2 * most + 1) - most;
}

function rootMeanSquare(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / values.length);
}
