import type { Space } from "../space/space.ts";
import { atLeast, likelihood } from "./chance.ts";
import { decodeValue } from "./feature.ts";
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
    .filter(({ state }) => state === "complete" || state === "pruned" || state === "failed")
    .toSorted((a, b) => a.number - b.number);
  const isFailed = Uint8Array.from(finished, ({ state }) => (state === "failed" ? 1 : 0));
  if (isFailed.reduce((sum, flag) => sum + flag, 0) < fewestFailures) return [];
  const { features, codes } = encodeTrials(space, finished);
  const tested = features.flatMap((feature, f) => {
    const column = codes[f]!;
    const rows = [...column.keys()].filter((row) => !Number.isNaN(column[row]!));
    const all = { trials: rows.length, failed: rows.reduce((sum, row) => sum + isFailed[row]!, 0) };
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
      return { region, gain, chance: atLeast(failed, inside, all.failed, all.trials) };
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
  const order = rows.toSorted((a, b) => column[a]! - column[b]!);
  const stride = Math.max(1, Math.floor(order.length / mostCuts));
  const sides: Side[] = [];
  let failed = 0;
  let since = 0;
  for (let i = 0; i < order.length - 1; i++) {
    failed += isFailed[order[i]!]!;
    since += 1;
    const code = column[order[i]!]!;
    const next = column[order[i + 1]!]!;
    if (next === code || since < stride) continue;
    since = 0;
    sides.push({ kind: "below", code: next, failed, trials: i + 1 });
    sides.push({ kind: "above", code, failed: all.failed - failed, trials: all.trials - i - 1 });
  }
  return sides;
}
