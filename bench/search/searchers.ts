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
} as const satisfies Readonly<Record<string, Searcher>>;

type Searcher = {
  readonly side: "argmin" | "peer";
  readonly method: "any" | "TPE" | "GP" | "none";
  readonly title: string;
  /** The first of `budgets`; all of them if absent. */
  readonly budgets?: readonly number[];
};

/** argmin's samplers that are held against others. */
export const contenders = ["auto", "tpe", "gp"] as const;
export type Contender = (typeof contenders)[number];

export type SearcherName = keyof typeof searchers;

export const searcherNames: readonly SearcherName[] = Object.keys(searchers).filter(isSearcherName);

export function isSearcherName(name: string): name is SearcherName {
  return Object.hasOwn(searchers, name);
}

/** Optuna's groups differ from its default only where parameters depend on a choice. */
export function takesPart(searcher: SearcherName, row: string): boolean {
  return searcher !== "optuna-tpe-group" || row === "mixed";
}

/** After how many trials the best so far is looked at. */
export const budgets = [50, 100, 200] as const;

export function budgetsOf(name: SearcherName): readonly number[] {
  const searcher: Searcher = searchers[name];
  return searcher.budgets ?? budgets;
}
