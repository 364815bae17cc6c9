import type { PrunerSetting } from "@argmin/search";
import type { Row } from "./rows.ts";

/** Who takes part in the search benchmark, in the order of the table's columns. Those of a method are compared; `any` with all others. */
export const searchers = {
  auto: { side: "argmin", method: "any", title: "argmin auto" },
  tpe: { side: "argmin", method: "TPE", title: "argmin tpe" },
  hyperopt: { side: "peer", method: "TPE", title: "hyperopt TPE" },
  "optuna-tpe": { side: "peer", method: "TPE", title: "Optuna TPE" },
  "optuna-tpe-independent": { side: "peer", method: "TPE", title: "Optuna TPE, independent" },
  "optuna-tpe-group": { side: "peer", method: "TPE", title: "Optuna TPE, group" },
  // Beyond a hundred trials a suggestion of Optuna's takes a second.
  gp: { side: "argmin", method: "GP", title: "argmin gp", budgets: [50, 100] },
  "optuna-gp": { side: "peer", method: "GP", title: "Optuna GP", budgets: [50, 100] },
  "hyperopt-tpe": { side: "argmin", method: "none", title: "argmin hyperopt-tpe" },
  random: { side: "argmin", method: "none", title: "random" },
  median: pruning("argmin", "median", { name: "median" }),
  "optuna-median": pruning("peer", "median", { name: "median" }),
  percentile: pruning("argmin", "percentile", { name: "percentile" }),
  "optuna-percentile": pruning("peer", "percentile", { name: "percentile" }),
  patience: pruning("argmin", "patience", { name: "patience", settings: { patience: 3, pruner: "median" } }),
  "optuna-patience": pruning("peer", "patience", { name: "patience" }),
  "successive-halving": pruning("argmin", "successive halving", { name: "successive-halving" }),
  "optuna-successive-halving": pruning("peer", "successive halving", { name: "successive-halving" }),
  promote: { ...pruning("argmin", "none", { name: "successive-halving", settings: { promote: true } }), title: "argmin promote" },
  hyperband: pruning("argmin", "hyperband", { name: "hyperband", settings: { maximumResource: 27 } }),
  "optuna-hyperband": pruning("peer", "hyperband", { name: "hyperband" }),
  "wandb-hyperband": pruning("argmin", "none", { name: "wandb-hyperband", settings: { min_iter: 1 } }),
} as const satisfies Readonly<Record<string, Searcher>>;

type Method = "any" | "TPE" | "GP" | "median" | "percentile" | "patience" | "successive halving" | "hyperband" | "none";

type Searcher = {
  readonly side: "argmin" | "peer";
  readonly method: Method;
  readonly title: string;
  /** The first of `budgets`; all of them if absent. */
  readonly budgets?: readonly number[];
  /** It stops trials of a random search early, and its budgets are steps: of so many whole trials. A peer has the same settings. */
  readonly pruner?: PrunerSetting;
};

function pruning(side: Searcher["side"], method: Method, pruner: PrunerSetting): Searcher {
  return { side, method, title: `${side === "peer" ? "Optuna" : "argmin"} ${pruner.name}`, budgets: [50, 100], pruner };
}

/** Steps of a whole trial where there is a pruner: rungs at 1, 3 and 9. */
export const wholeTrial = 27;

export function prunerOf(name: SearcherName): PrunerSetting | undefined {
  const searcher: Searcher = searchers[name];
  return searcher.pruner;
}

/** argmin's that are held against others. */
export const contenders = [
  "auto",
  "tpe",
  "gp",
  "median",
  "percentile",
  "patience",
  "successive-halving",
  "hyperband",
] as const satisfies readonly SearcherName[];
export type Contender = (typeof contenders)[number];

export type SearcherName = keyof typeof searchers;

export const searcherNames: readonly SearcherName[] = Object.keys(searchers).filter(isSearcherName);

/** A random search without a pruner. */
export const baseline: SearcherName = "random";

/** The two tables: samplers by trials, and pruners by steps, beside the baseline. */
export const groups = {
  samplers: searcherNames.filter((name) => prunerOf(name) === undefined),
  pruners: searcherNames.filter((name) => name === baseline || prunerOf(name) !== undefined),
} as const;

export function isSearcherName(name: string): name is SearcherName {
  return Object.hasOwn(searchers, name);
}

/** Optuna's groups differ from its default only where parameters depend on a choice, and only the surrogates have steps. */
export function takesPart(searcher: SearcherName, { name, valueAfter }: Row): boolean {
  if (prunerOf(searcher) !== undefined) return valueAfter !== undefined;
  return searcher !== "optuna-tpe-group" || name === "mixed";
}

/** After how many trials the best so far is looked at. */
export const budgets = [50, 100, 200] as const;

export function budgetsOf(name: SearcherName): readonly number[] {
  const searcher: Searcher = searchers[name];
  return searcher.budgets ?? budgets;
}
