/** Who takes part in the search benchmark, in the order of the table's columns. */
export const searchers = {
  tpe: { side: "argmin", title: "argmin tpe" },
  hyperopt: { side: "peer", title: "hyperopt TPE" },
  "optuna-tpe": { side: "peer", title: "Optuna TPE" },
  "optuna-tpe-independent": { side: "peer", title: "Optuna TPE, independent" },
  "optuna-tpe-group": { side: "peer", title: "Optuna TPE, group" },
  "hyperopt-tpe": { side: "argmin", title: "argmin hyperopt-tpe" },
  random: { side: "argmin", title: "random" },
} as const satisfies Readonly<Record<string, { readonly side: "argmin" | "peer"; readonly title: string }>>;

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
