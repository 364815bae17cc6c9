import { isJsonObject, type JsonValue } from "@argmin/base";
import type { HparamInfo, HparamValue } from "@argmin/nn";
import type { FlatValues, Parameter, Space } from "@argmin/search";

/**
 * The columns that trials have in TensorBoard's table of hyper-parameters: their types by all values that were tried and that the
 * space has, whether trials differ in them, and where the values lie where the space says so. Of texts those that were tried are
 * listed in any case: TensorBoard lets nobody choose among texts without a list.
 *
 * @param space - Undefined for a study that is defined by its runs.
 */
export function hparamColumns(space: Space | undefined, trials: readonly FlatValues[]): readonly HparamInfo[] {
  const labels = new Set(trials.flatMap((params) => Object.keys(params)));
  return [...labels].map((name) => {
    const tried = trials.flatMap((params) => cellOf(params[name]) ?? []);
    const parameter = space?.parameter(name);
    return columnOf(name, tried, parameter === undefined ? undefined : reachOf(parameter, space));
  });
}

/** A trial's values by their columns; what is inactive, or chosen to be nothing, is left out. */
export function hparamValues(columns: readonly HparamInfo[], params: FlatValues): Readonly<Record<string, HparamValue>> {
  return Object.fromEntries(
    columns.flatMap(({ name, type }) => {
      const value = cellOf(params[name]);
      return value === undefined ? [] : [[name, type === "string" ? String(value) : value]];
    }),
  );
}

/** What a parameter's values may be: single ones, and the least and greatest of those that are drawn from a range. */
interface Reach {
  readonly values: readonly HparamValue[];
  readonly interval: { readonly min: number; readonly max: number } | undefined;
  /** Whether there are others that no list or range holds. */
  readonly isOpen: boolean;
}

function columnOf(name: string, tried: readonly HparamValue[], reach: Reach | undefined): HparamInfo {
  const column = { name, differs: new Set(tried).size > 1 };
  const values = [...new Set([...(reach?.values ?? []), ...tried])];
  const types = new Set(values.map((value) => typeof value));
  if (reach?.interval !== undefined) types.add("number");
  if (types.size !== 1 || types.has("string")) return { ...column, type: "string", domain: [...new Set(values.map(String))] };
  if (types.has("boolean")) return { ...column, type: "boolean", domain: values.filter((value) => typeof value === "boolean") };
  if (reach === undefined || reach.isOpen) return { ...column, type: "number" };
  const numbers = reach.values.filter((value) => typeof value === "number");
  const { interval } = reach;
  if (interval === undefined) return { ...column, type: "number", domain: numbers };
  const domain = { min: Math.min(interval.min, ...numbers), max: Math.max(interval.max, ...numbers) };
  return { ...column, type: "number", domain };
}

/** Options that are parameters reach as far as these do. */
function reachOf({ distribution, domain }: Parameter, space: Space | undefined): Reach {
  if (distribution.kind !== "choice") {
    if (domain.kind === "interval") return { values: [], interval: { min: domain.low, max: domain.high }, isOpen: false };
    if (domain.kind === "lattice") return { values: [], interval: { min: domain.first, max: domain.last }, isOpen: false };
    return { values: [], interval: undefined, isOpen: true };
  }
  return distribution.options
    .map((option): Reach => {
      const inner = option.kind === "parameter" ? space?.parameter(option.label) : undefined;
      if (inner !== undefined) return reachOf(inner, space);
      if (option.kind !== "constant" || (typeof option.value === "object" && option.value !== null))
        return { values: [], interval: undefined, isOpen: true };
      return { values: option.value === null ? [] : [option.value], interval: undefined, isOpen: false };
    })
    .reduce((all, next) => ({
      values: [...all.values, ...next.values],
      interval:
        all.interval && next.interval
          ? { min: Math.min(all.interval.min, next.interval.min), max: Math.max(all.interval.max, next.interval.max) }
          : (all.interval ?? next.interval),
      isOpen: all.isOpen || next.isOpen,
    }));
}

/** A value as a cell of the table: an option that is no scalar by what tells it from the others. */
function cellOf(value: JsonValue | undefined): HparamValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object") return value;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const { option, ...discriminant } = value;
  const [text] = Object.values(discriminant);
  return typeof text === "string" ? text : typeof option === "number" ? `option ${option}` : JSON.stringify(value);
}
