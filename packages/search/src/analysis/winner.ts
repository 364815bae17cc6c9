import { atLeastTogether, levelOf } from "./chance.ts";
import { isConstant } from "./feature.ts";
import { periodsOf } from "./period.ts";
import type { TrialTable } from "./table.ts";

/** An option that most of the few very best trials have, beyond what chance gives; for a sentence. */
export type Winner = {
  readonly label: string;
  /** As in `OptionCount`. */
  readonly option: number;
  readonly wins: number;
  readonly of: number;
};

const places = 10;
const fewestTrials = 3 * places;

/**
 * The options that win among the ten best trials, of the parameters that are active in all ten, beyond chance, which is judged
 * within each period by itself.
 */
export function winnersOf({ features, codes, losses, rows, numbers }: TrialTable): readonly Winner[] {
  if (rows < fewestTrials) return [];
  const order = [...losses.keys()].sort((a, b) => losses[a]! - losses[b]! || numbers[a]! - numbers[b]!);
  const best = order.slice(0, places);
  const isBest = new Uint8Array(rows);
  for (const row of best) isBest[row] = 1;
  const level = levelOf(features.filter((it) => it.kind === "unordered" && !isConstant(it)).length);
  return features.flatMap((feature, f): readonly Winner[] => {
    const column = codes[f]!;
    if (feature.kind !== "unordered" || best.some((row) => Number.isNaN(column[row]!))) return [];
    const option = mostFrequent(best.map((row) => column[row]!));
    const wins = best.filter((row) => column[row] === option).length;
    if (wins * 2 <= places) return [];
    const draws = periodsOf(rows).map(({ start, end }) => {
      let [drawn, marked, total] = [0, 0, 0];
      for (let row = start; row < end; row++) {
        if (Number.isNaN(column[row]!)) continue;
        total += 1;
        drawn += isBest[row]!;
        if (column[row] === option) marked += 1;
      }
      return { drawn, marked, total };
    });
    if (atLeastTogether(wins, draws) >= level / feature.weights.length) return [];
    return [{ label: feature.label, option, wins, of: places }];
  });
}

function mostFrequent(options: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const option of options) counts.set(option, (counts.get(option) ?? 0) + 1);
  return options.reduce((most, option) => (counts.get(option)! > counts.get(most)! ? option : most));
}
