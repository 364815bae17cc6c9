/** How an importance was found. */
export type ImportanceMethod = "fanova" | "ped-anova" | "correlation";

/** How much one parameter matters. */
export type ParameterImportance = {
  readonly label: string;
  /** The figure as the method defines it; see there. */
  readonly importance: number;
  /** How much the figure might be off; `null` where that cannot be said. */
  readonly standardError: number | null;
  /** In how many of the trials used the parameter was active. */
  readonly trials: number;
};

/** The importances of all parameters by one method, the most important first; of equals in the space's order. */
export type Importances = {
  readonly method: ImportanceMethod;
  readonly parameters: readonly ParameterImportance[];
};

/** The most important first. */
export function ranked(parameters: readonly ParameterImportance[]): readonly ParameterImportance[] {
  return parameters.toSorted((a, b) => b.importance - a.importance);
}

/** The standard deviation of values around their mean, `null` of fewer than two. */
export function deviationOf(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** The mean; 0 of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
