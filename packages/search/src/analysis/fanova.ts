import type { Forest } from "./forest.ts";
import { deviationOf, meanOf, ranked, type Importances, type ParameterImportance } from "./importance.ts";
import { marginalsOf, type Marginal } from "./marginal.ts";
import { gridUnits, type MarginalCurve, curveOf } from "./curve.ts";
import type { Direction } from "../storage/storage.ts";
import { activeCount } from "./table.ts";

/** What fANOVA says of a study. */
export type Fanova = {
  readonly importances: Importances & { readonly method: "fanova" };
  /** For each parameter what the forest predicts along it, everything else averaged out. */
  readonly curves: readonly MarginalCurve[];
  /** The forest's R^2 on trials its trees have not seen; see `Forest`. */
  readonly explained: number | null;
  /** The parameters whose importance cannot be told from that of the one before them in the ranking. */
  readonly tied: readonly string[];
};

/**
 * The share of the forest's variance that each parameter explains by itself (Hutter, Hoos and Leyton-Brown, 2014): the variance of the
 * prediction along it, everything else averaged out over the space's own distribution. Of a parameter that is not always active it is the
 * variance within the part of the space where it is, times the probability of that part; being in that part counts for the choices that
 * lead there. The shares sum to at most 1; the rest are interactions.
 *
 * @remarks The standard error is the spread over the trees: each has its own bootstrap sample, so that it is the bootstrap error of one
 *   tree's figure, which the mean of all exceeds in precision: an upper bound.
 */
export function fanova(forest: Forest, direction: Direction): Fanova {
  const { features } = forest.table;
  const units = features.map((feature) => gridUnits(feature));
  const byTree = marginalsOf(forest, units);
  const importances = features.map(({ label }, f): ParameterImportance => {
    const shares = byTree.map((marginals) => marginals[f]!.share);
    const spread = deviationOf(shares);
    return {
      label,
      importance: meanOf(shares),
      standardError: spread === null ? null : spread * forest.spreadScale,
      trials: activeCount(forest.table, f),
    };
  });
  const order = ranked(importances);
  return {
    importances: { method: "fanova", parameters: order },
    curves: features.map((feature, f) =>
      curveOf(
        feature,
        units[f]!,
        byTree.map((marginals) => marginals[f]!.means),
        forest,
        direction,
      ),
    ),
    explained: forest.explained,
    tied: tiedWithNext(
      order,
      byTree,
      features.map(({ label }) => label),
      forest.spreadScale,
    ),
  };
}

/** The difference of neighbours is judged tree by tree: what moves both does not blur it. */
function tiedWithNext(
  order: readonly ParameterImportance[],
  byTree: readonly (readonly Marginal[])[],
  labels: readonly string[],
  spreadScale: number,
): readonly string[] {
  return order.flatMap(({ label }, i) => {
    const before = order[i - 1];
    if (before === undefined) return [];
    const [above, below] = [labels.indexOf(before.label), labels.indexOf(label)];
    const differences = byTree.map((marginals) => marginals[above]!.share - marginals[below]!.share);
    const spread = (deviationOf(differences) ?? Number.POSITIVE_INFINITY) * spreadScale;
    return meanOf(differences) > 2 * spread ? [] : [label];
  });
}
