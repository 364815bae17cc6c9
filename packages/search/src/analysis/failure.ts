import type { Space } from "../space/space.ts";
import { atLeast, likelihood } from "./chance.ts";
import { decodeValue } from "./feature.ts";
import { countBelow } from "./ranks.ts";
import { encodeTrials, type AnalyzedTrial } from "./table.ts";

/** A part of the space in which trials fail more often than elsewhere, beyond chance. */
export type FailureRegion = {
  readonly label: string;
  /** "above" and "below": beyond the value, which is itself outside. "option": with that option. */
  readonly kind: "above" | "below" | "option";
  /** As in an assignment. */
  readonly value: number;
  readonly failed: number;
  readonly trials: number;
  readonly failedElsewhere: number;
  readonly trialsElsewhere: number;
};

const mostCuts = 100;
const fewestFailures = 3;
const significance = 0.01;

/**
 * Where trials fail: for each parameter the side of a value, or the option, that tells failed trials from others best, if it at least
 * doubles the rate and Fisher's test confirms it after as many tests as there were. The clearest first.
 */
export function failureRegions(space: Space, trials: readonly AnalyzedTrial[]): readonly FailureRegion[] {
  const finished = trials
    .filter(({ state }) => state === "complete" || state === "pruned" || state === "paused" || state === "failed")
    .toSorted((a, b) => a.number - b.number);
  const isFailed = Uint8Array.from(finished, ({ state }) => (state === "failed" ? 1 : 0));
  if (isFailed.reduce((sum, flag) => sum + flag, 0) < fewestFailures) return [];
  const { features, codes } = encodeTrials(space, finished);
  const tested = features.flatMap((feature, f) => {
    const column = codes[f]!;
    const rows: number[] = [];
    let failures = 0;
    for (let row = 0; row < column.length; row++) {
      if (Number.isNaN(column[row]!)) continue;
      rows.push(row);
      failures += isFailed[row]!;
    }
    const all = { trials: rows.length, failed: failures };
    const sides =
      feature.kind === "unordered"
        ? optionSides(feature.weights.length, column, rows, isFailed)
        : cutSides(column, rows, isFailed, all);
    const whole = likelihood(all.failed, all.trials);
    return sides.map((side) => {
      const { kind, code, failed, trials: inside } = side;
      const region: FailureRegion = {
        label: feature.label,
        kind,
        value: decodeValue(feature, code),
        failed,
        trials: inside,
        failedElsewhere: all.failed - failed,
        trialsElsewhere: all.trials - inside,
      };
      const gain = likelihood(failed, inside) + likelihood(all.failed - failed, all.trials - inside) - whole;
      return { region, gain, chance: atLeast(failed, { drawn: inside, marked: all.failed, total: all.trials }) };
    });
  });
  const significant = tested
    .filter(({ region, chance }) => chance * tested.length < significance && isDoubled(region))
    // Of many trials all chances are 0 to a computer; the likelihood still tells which side is the clearest.
    .sort((a, b) => b.gain - a.gain);
  const labels = new Set<string>();
  return significant.flatMap(({ region }) => {
    if (labels.has(region.label)) return [];
    labels.add(region.label);
    return [region];
  });
}

function isDoubled({ failed, trials, failedElsewhere, trialsElsewhere }: FailureRegion): boolean {
  return failed >= fewestFailures && failed * trialsElsewhere >= 2 * failedElsewhere * trials;
}

type Side = { readonly kind: FailureRegion["kind"]; readonly code: number; readonly failed: number; readonly trials: number };

function optionSides(options: number, column: Float64Array, rows: readonly number[], isFailed: Uint8Array): readonly Side[] {
  const sides = Array.from({ length: options }, (_, code) => ({ kind: "option" as const, code, failed: 0, trials: 0 }));
  for (const row of rows) {
    const side = sides[column[row]!]!;
    side.trials += 1;
    side.failed += isFailed[row]!;
  }
  return sides.filter(({ trials }) => trials > 0 && trials < rows.length);
}

function cutSides(
  column: Float64Array,
  rows: readonly number[],
  isFailed: Uint8Array,
  all: { readonly trials: number; readonly failed: number },
): readonly Side[] {
  const sorted = Float64Array.from(rows, (row) => column[row]!).sort();
  const stride = Math.max(1, Math.floor(sorted.length / mostCuts));
  const cuts: { readonly below: number; readonly above: number; readonly trials: number }[] = [];
  let since = 0;
  for (let i = 0; i < sorted.length - 1; i++) {
    since += 1;
    if (sorted[i + 1] === sorted[i] || since < stride) continue;
    since = 0;
    cuts.push({ below: sorted[i]!, above: sorted[i + 1]!, trials: i + 1 });
  }
  const ends = Float64Array.from(cuts, ({ below }) => below);
  // The failures before the first cut, from there to the second, and so on.
  const failures = new Uint32Array(cuts.length + 1);
  for (const row of rows) if (isFailed[row] === 1) failures[countBelow(column[row]!, ends)]! += 1;
  let failed = 0;
  return cuts.flatMap(({ below, above, trials }, i): readonly Side[] => {
    failed += failures[i]!;
    return [
      { kind: "below", code: above, failed, trials },
      { kind: "above", code: below, failed: all.failed - failed, trials: all.trials - trials },
    ];
  });
}
