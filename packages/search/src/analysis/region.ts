import { Rng } from "@argmin/base";
import { atLeast, likelihood, ranksAtLeast } from "./chance.ts";
import { ranksOf } from "./correlation.ts";
import { decodeValue, isConstant, type Feature } from "./feature.ts";
import { activeRows, type TrialTable } from "./table.ts";

/** Counts of one option of a choice, among the trials in which the choice was active. */
export type OptionCount = {
  readonly option: number;
  readonly trials: number;
  /** How many of the best trials have it; see `Region`. */
  readonly best: number;
  /** Its trials are worse than the others' beyond chance, hardly any is among the best, and none is the best of all. */
  readonly isLosing: boolean;
};

/** How many of the best trials lie in a region, and how many of all. */
type Share = {
  readonly best: number;
  readonly bestOf: number;
  readonly trials: number;
  readonly trialsOf: number;
};

/**
 * Where the best trials lie: those of the best tenth (five at least) among the trials in which the parameter was active. A region is
 * named only if as many of the best fall into one by chance in at most one of a hundred shuffles of which trials are the best, so that
 * it does not matter where the sampler looked.
 */
export type Region =
  | ({
      readonly label: string;
      readonly kind: "interval";
      /** Values as in an assignment. An end of the parameter's range where the region reaches to it. */
      readonly from: number;
      readonly to: number;
      /** The same on the parameter's own scale, from 0 to 1. */
      readonly positions: readonly [number, number];
    } & Share)
  | ({
      readonly label: string;
      readonly kind: "options";
      readonly options: readonly number[];
      readonly counts: readonly OptionCount[];
    } & Share)
  | {
      readonly label: string;
      readonly kind: "none";
      readonly reason: "constant" | "too few trials" | "all alike" | "no better than chance";
      readonly counts: readonly OptionCount[];
    };

export const bestShare = 0.1;
const fewestBest = 5;
const fewestTrials = 20;
const binCount = 40;
const shuffles = 199;
/** Of 199 shuffles with the real one, 2 may do as well. */
const allowedRivals = 1;
const significance = 0.01;
/** An option that has less than this of its fair share of the best trials has hardly any. */
const leastShare = 0.1;

/** The best region of each parameter, in the space's order. */
export function regionsOf(table: TrialTable, seed: number | string = 0): readonly Region[] {
  const rng = Rng.fromSeed(seed).split("region");
  return table.features.map((feature, f) => {
    const { codes, losses } = activeRows(table, f);
    return regionOf(feature, codes, losses, rng.split(feature.label));
  });
}

function regionOf(feature: Feature, codes: Float64Array, losses: Float64Array, rng: Rng): Region {
  const { label } = feature;
  const isBest = bestOf(losses);
  const bestCount = isBest.reduce((sum, flag) => sum + flag, 0);
  const counts = feature.kind === "unordered" ? optionCounts(feature.weights.length, codes, losses, isBest) : [];
  const none = (reason: (Region & { readonly kind: "none" })["reason"]): Region => ({ label, kind: "none", reason, counts });
  if (isConstant(feature)) return none("constant");
  if (codes.length < fewestTrials) return none("too few trials");
  if (bestCount * 2 > codes.length) return none("all alike");
  const bins = feature.kind === "unordered" ? undefined : binsOf(codes);
  const binOf = bins?.binOf ?? Uint32Array.from(codes);
  const size = bins?.lows.length ?? counts.length;
  const all = new Float64Array(size);
  for (const bin of binOf) all[bin]! += 1;
  const statistic = feature.kind === "unordered" ? unevenness : (best: Float64Array) => scan(best, all).score;
  const own = new Float64Array(size);
  for (const [i, bin] of binOf.entries()) own[bin]! += isBest[i]!;
  if (!isBeyondChance(statistic, own, all, binOf, bestCount, rng)) return none("no better than chance");
  const total = { bestOf: bestCount, trialsOf: codes.length };
  if (bins === undefined) {
    const options = counts.filter(({ best, trials }) => best * codes.length > bestCount * trials);
    const best = options.reduce((sum, option) => sum + option.best, 0);
    const trials = options.reduce((sum, option) => sum + option.trials, 0);
    return { label, kind: "options", options: options.map(({ option }) => option), counts, best, trials, ...total };
  }
  const { from, to, best, trials } = scan(own, all);
  // Half-way to the neighbours outside; to the end of the range where there are none.
  const low = from === 0 ? 0 : (bins.highs[from - 1]! + bins.lows[from]!) / 2;
  const high = to === size - 1 ? 1 : (bins.highs[to]! + bins.lows[to + 1]!) / 2;
  // A value of a range with steps belongs to the region if trials with it do.
  const values = {
    from: decodeValue(feature, from === 0 ? 0 : bins.lows[from]!),
    to: decodeValue(feature, to === size - 1 ? 1 : bins.highs[to]!),
  };
  const isStepped = feature.domain.kind === "lattice" || (feature.domain.kind === "gaussian" && feature.domain.step !== null);
  const ends = isStepped ? values : { from: decodeValue(feature, low), to: decodeValue(feature, high) };
  return { label, kind: "interval", ...ends, positions: [low, high], best, trials, ...total };
}

/** 1 for each loss among the best tenth, ties included. */
function bestOf(losses: Float64Array): Uint8Array {
  if (losses.length === 0) return new Uint8Array(0);
  const count = Math.min(losses.length, Math.max(fewestBest, Math.ceil(bestShare * losses.length)));
  const cut = losses.toSorted()[count - 1]!;
  return Uint8Array.from(losses, (loss) => (loss <= cut ? 1 : 0));
}

function optionCounts(options: number, codes: Float64Array, losses: Float64Array, isBest: Uint8Array): readonly OptionCount[] {
  const ranks = ranksOf(losses);
  const winner = codes[losses.indexOf(losses.reduce((least, loss) => Math.min(least, loss), Number.POSITIVE_INFINITY))];
  const bestOf = isBest.reduce((sum, flag) => sum + flag, 0);
  return Array.from({ length: options }, (_, option) => {
    let [trials, best, sum] = [0, 0, 0];
    for (let i = 0; i < codes.length; i++) {
      if (codes[i] !== option) continue;
      trials += 1;
      best += isBest[i]!;
      sum += ranks[i]!;
    }
    const isRare = option !== winner && best * codes.length <= leastShare * bestOf * trials;
    const isLosing = trials >= fewestBest && isRare && ranksAtLeast(sum / trials, trials, codes.length) < significance / options;
    return { option, trials, best, isLosing };
  });
}

/** The trials in about 40 bins of equal counts along the scale; equal codes share a bin. */
function binsOf(codes: Float64Array): { readonly binOf: Uint32Array; readonly lows: number[]; readonly highs: number[] } {
  const order = Uint32Array.from(codes.keys()).sort((a, b) => codes[a]! - codes[b]!);
  const least = order.length / binCount;
  const binOf = new Uint32Array(codes.length);
  const lows: number[] = [];
  const highs: number[] = [];
  let filled = Number.POSITIVE_INFINITY;
  for (const row of order) {
    const code = codes[row]!;
    if (filled >= least && code !== highs.at(-1)) {
      lows.push(code);
      highs.push(code);
      filled = 0;
    }
    filled += 1;
    highs[highs.length - 1] = code;
    binOf[row] = lows.length - 1;
  }
  return { binOf, lows, highs };
}

type Interval = {
  readonly score: number;
  readonly from: number;
  readonly to: number;
  readonly best: number;
  readonly trials: number;
};

/** The interval of bins that holds more of the best than the rest does, by the greatest likelihood ratio (Kulldorff, 1997). */
function scan(best: Float64Array, all: Float64Array): Interval {
  const bestOf = best.reduce((sum, count) => sum + count, 0);
  const trialsOf = all.reduce((sum, count) => sum + count, 0);
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

/** How unevenly the best are spread over options. */
function unevenness(best: Float64Array, all: Float64Array): number {
  let score = 0;
  for (let i = 0; i < best.length; i++) score += likelihood(best[i]!, all[i]!);
  return score;
}

function isBeyondChance(
  statistic: (best: Float64Array, all: Float64Array) => number,
  own: Float64Array,
  all: Float64Array,
  binOf: Uint32Array,
  bestCount: number,
  rng: Rng,
): boolean {
  const score = statistic(own, all) - 1e-9;
  const bins = binOf.slice();
  const words = new Uint32Array(bestCount);
  let rivals = 0;
  for (let shuffle = 0; shuffle < shuffles; shuffle++) {
    const best = new Float64Array(all.length);
    rng.fillUint32(words);
    for (let i = 0; i < bestCount; i++) {
      const j = i + Math.floor((words[i]! / 2 ** 32) * (bins.length - i));
      const bin = bins[j]!;
      bins[j] = bins[i]!;
      bins[i] = bin;
      best[bin]! += 1;
    }
    if (statistic(best, all) >= score) rivals += 1;
    if (rivals > allowedRivals) return false;
  }
  return true;
}

/** An option that most of the few very best trials have, beyond what chance gives; for a sentence. */
export type Winner = { readonly label: string; readonly option: number; readonly wins: number; readonly of: number };

/** The options that win among the ten best trials, of the parameters that are active in all ten. */
export function winnersOf({ features, codes, losses, rows, numbers }: TrialTable): readonly Winner[] {
  const of = 10;
  if (rows < 3 * of) return [];
  const order = [...losses.keys()].sort((a, b) => losses[a]! - losses[b]! || numbers[a]! - numbers[b]!);
  const best = order.slice(0, of);
  return features.flatMap((feature, f): readonly Winner[] => {
    if (feature.kind !== "unordered") return [];
    return Array.from(feature.weights, (_, option) => option).flatMap((option) => {
      const wins = best.filter((row) => codes[f]![row] === option).length;
      const trials = order.filter((row) => codes[f]![row] === option).length;
      const isWinner = wins * 2 > of && atLeast(wins, of, trials, rows) < significance / feature.weights.length;
      return isWinner ? [{ label: feature.label, option, wins, of }] : [];
    });
  });
}
