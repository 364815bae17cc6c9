import { Rng } from "@argmin/base";
import { levelOf } from "./chance.ts";
import { decodeValue, isConstant, type Feature } from "./feature.ts";
import { countOptions, type OptionCount } from "./option-count.ts";
import { periodsOf, type Period } from "./period.ts";
import { binsOf, entropiesUpTo, optionStatistic, scan, scanStatistic, type Bins, type Statistic } from "./scan.ts";
import { isBeyondChance } from "./shuffle-test.ts";
import { activeRows, type TrialTable } from "./table.ts";

/** How many of the best trials lie in a region, and how many of all. */
type Share = {
  readonly best: number;
  readonly bestOf: number;
  readonly trials: number;
  readonly trialsOf: number;
};

/**
 * Where the best trials lie: those of the best tenth (five at least) among the trials in which the parameter was active. It is named only
 * if the parameter matters beyond chance: within each period (see `periodsOf`) the best tenth is compared with shuffles of which trials
 * they are. So it does not matter where the sampler looked, and of 20 studies in which no parameter matters about one names any region.
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
      /** As in `OptionCount`. */
      readonly options: readonly number[];
      readonly counts: readonly OptionCount[];
    } & Share)
  | {
      readonly label: string;
      readonly kind: "none";
      readonly reason: "constant" | "too few trials" | "all alike" | "no better than chance";
      readonly counts: readonly OptionCount[];
    };

const bestShare = 0.1;
const fewestBest = 5;
const fewestTrials = 20;

/** The best region of each parameter, in the space's order. */
export function regionsOf(table: TrialTable, seed: number | string = 0): readonly Region[] {
  const rng = Rng.fromSeed(seed).split("region");
  const level = levelOf(table.features.filter((feature) => !isConstant(feature)).length);
  const entropies = entropiesUpTo(table.rows);
  return table.features.map((feature, f) => regionOf(feature, activeRows(table, f), entropies, level, rng.split(feature.label)));
}

function regionOf(
  feature: Feature,
  { codes, losses }: ReturnType<typeof activeRows>,
  entropies: Float64Array,
  level: number,
  rng: Rng,
): Region {
  const { label } = feature;
  const isBest = bestOf(losses);
  const bestCount = isBest.reduce((sum, flag) => sum + flag, 0);
  const counts = feature.kind === "unordered" ? countOptions(feature.weights.length, codes, losses, isBest, level) : [];
  const none = (reason: (Region & { readonly kind: "none" })["reason"]): Region => ({ label, kind: "none", reason, counts });
  if (isConstant(feature)) return none("constant");
  if (codes.length < fewestTrials) return none("too few trials");
  if (bestCount * 2 > codes.length) return none("all alike");
  const bins = feature.kind === "unordered" ? undefined : binsOf(codes);
  const binOf = bins?.binOf ?? Uint32Array.from(codes);
  const all = new Float64Array(bins?.lows.length ?? counts.length);
  const best = new Float64Array(all.length);
  for (const [i, bin] of binOf.entries()) {
    all[bin]! += 1;
    best[bin]! += isBest[i]!;
  }
  const statisticOf = (expected: Float64Array): Statistic =>
    (bins === undefined ? optionStatistic : scanStatistic)(expected, entropies);
  const periods = periodsOf(codes.length);
  const spread = { binOf, bins: all.length, isBest: bestWithin(periods, losses) };
  if (!isBeyondChance(spread, statisticOf, periods, level, rng)) return none("no better than chance");
  const total = { bestOf: bestCount, trialsOf: codes.length };
  if (bins === undefined) {
    const options = counts.filter((it) => it.best * codes.length > bestCount * it.trials);
    if (options.length === 0) return none("no better than chance");
    const inside = { best: sumOf(options.map((it) => it.best)), trials: sumOf(options.map((it) => it.trials)) };
    return { label, kind: "options", options: options.map(({ option }) => option), counts, ...inside, ...total };
  }
  const { score, from, to, ...inside } = scan(best, all);
  // The best of each period may lie somewhere, and those of all periods everywhere.
  if (score === 0) return none("no better than chance");
  return { label, kind: "interval", ...endsOf(feature, bins, from, to), ...inside, ...total };
}

/** 1 for each loss among the best tenth, ties included. */
function bestOf(losses: Float64Array): Uint8Array {
  if (losses.length === 0) return new Uint8Array(0);
  const count = Math.min(losses.length, Math.max(fewestBest, Math.ceil(bestShare * losses.length)));
  const cut = losses.toSorted()[count - 1]!;
  return Uint8Array.from(losses, (loss) => (loss <= cut ? 1 : 0));
}

/** The same within each period: early trials tell what matters as well as late ones, among which the best are. */
function bestWithin(periods: readonly Period[], losses: Float64Array): Uint8Array {
  const isBest = new Uint8Array(losses.length);
  for (const { start, end } of periods) isBest.set(bestOf(losses.subarray(start, end)), start);
  return isBest;
}

/** The ends of an interval of bins, as values and on the parameter's scale. */
function endsOf(
  feature: Feature,
  { lows, highs }: Bins,
  first: number,
  last: number,
): { readonly from: number; readonly to: number; readonly positions: readonly [number, number] } {
  const end = lows.length - 1;
  // Half-way to the neighbours outside; to the end of the range where there are none.
  const low = first === 0 ? 0 : (highs[first - 1]! + lows[first]!) / 2;
  const high = last === end ? 1 : (highs[last]! + lows[last + 1]!) / 2;
  const { domain } = feature;
  const isStepped = domain.kind === "lattice" || (domain.kind === "gaussian" && domain.step !== null);
  // A value of a range with steps belongs to the region if trials with it do.
  const [from, to] = isStepped ? [first === 0 ? 0 : lows[first]!, last === end ? 1 : highs[last]!] : [low, high];
  return { from: decodeValue(feature, from), to: decodeValue(feature, to), positions: [low, high] };
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
