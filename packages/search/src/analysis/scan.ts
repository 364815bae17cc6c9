import { likelihood } from "./chance.ts";
import { countBelow } from "./ranks.ts";

/** The values of one parameter, sorted into bins. */
export type Bins = {
  /** The bin of each trial. */
  readonly binOf: Uint32Array;
  /** The least and the greatest code in each bin; bins ascend. */
  readonly lows: readonly number[];
  readonly highs: readonly number[];
};

const binCount = 40;

/** The trials in about 40 bins of equal counts along the scale; equal codes share a bin. */
export function binsOf(codes: Float64Array): Bins {
  const least = codes.length / binCount;
  const lows: number[] = [];
  const highs: number[] = [];
  let filled = Number.POSITIVE_INFINITY;
  for (const code of codes.toSorted()) {
    if (filled >= least && code !== highs.at(-1)) {
      lows.push(code);
      highs.push(code);
      filled = 0;
    }
    filled += 1;
    highs[highs.length - 1] = code;
  }
  const ends = Float64Array.from(highs);
  const binOf = new Uint32Array(codes.length);
  for (let i = 0; i < codes.length; i++) binOf[i] = countBelow(codes[i]!, ends);
  return { binOf, lows, highs };
}

/** An interval of bins, both ends included, and how far it stands out. */
export type Interval = {
  readonly score: number;
  readonly from: number;
  readonly to: number;
  readonly best: number;
  readonly trials: number;
};

/**
 * The interval of bins that holds more of the best than the rest does, by the greatest likelihood ratio (Kulldorff, 1997).
 *
 * @param best - How many of the best trials are in each bin.
 * @param all - How many of all trials are.
 */
export function scan(best: Float64Array, all: Float64Array): Interval {
  const bestOf = sumOf(best);
  const trialsOf = sumOf(all);
  const whole = likelihood(bestOf, trialsOf);
  let found: Interval = { score: 0, from: 0, to: best.length - 1, best: bestOf, trials: trialsOf };
  for (let from = 0; from < best.length; from++) {
    let inside = 0;
    let trials = 0;
    for (let to = from; to < best.length; to++) {
      inside += best[to]!;
      trials += all[to]!;
      if (inside * trialsOf <= bestOf * trials) continue;
      const score = likelihood(inside, trials) + likelihood(bestOf - inside, trialsOf - trials) - whole;
      if (score > found.score) found = { score, from, to, best: inside, trials };
    }
  }
  return found;
}

/** m log m for each m from 0 on: statistics are taken of many shuffles, and logarithms are slow. */
type Entropies = Float64Array;

/** The entropies of up to so many trials. */
export function entropiesUpTo(trials: number): Entropies {
  return Float64Array.from({ length: trials + 1 }, (_, m) => (m === 0 ? 0 : m * Math.log(m)));
}

/** Says of the best trials in each bin, or of each option, how far they are from what is expected. */
export type Statistic = (best: Float64Array) => number;

const rounding = 1e-9;

/** Of bins: by how much the interval stands out that does so most, by its log-likelihood ratio (Kulldorff, 1997). */
export function scanStatistic(expected: Float64Array, entropies: Entropies): Statistic {
  const size = expected.length;
  const total = Math.round(sumOf(expected));
  // Of the intervals from each bin to each: they are the same however the best are shuffled.
  const within = new Float64Array(size * size);
  for (let from = 0; from < size; from++) {
    let sum = 0;
    for (let to = from; to < size; to++) {
      sum += expected[to]!;
      within[from * size + to] = sum;
    }
  }
  const logsWithin = within.map(Math.log);
  const logsOutside = within.map((sum) => Math.log(Math.max(total - sum, Number.MIN_VALUE)));
  return (best) => {
    let greatest = 0;
    for (let from = 0; from < size; from++) {
      let inside = 0;
      for (let to = from, at = from * size + from; to < size; to++, at++) {
        inside += best[to]!;
        if (inside <= within[at]! + rounding) continue;
        const outside = total - inside;
        const score =
          entropies[inside]! - inside * logsWithin[at]! + (outside > 0 ? entropies[outside]! - outside * logsOutside[at]! : 0);
        if (score > greatest) greatest = score;
      }
    }
    return greatest;
  };
}

/** Of options: the log-likelihood ratio of rates of their own. */
export function optionStatistic(expected: Float64Array, entropies: Entropies): Statistic {
  const logs = expected.map(Math.log);
  return (best) => {
    let score = 0;
    for (let i = 0; i < best.length; i++) if (best[i]! > 0) score += entropies[best[i]!]! - best[i]! * logs[i]!;
    return score;
  };
}

function sumOf(counts: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}
