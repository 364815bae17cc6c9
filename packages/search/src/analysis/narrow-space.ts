import type { JsonValue } from "@argmin/base";
import { assembleSpace } from "../space/assemble.ts";
import type { Distribution } from "../space/distribution.ts";
import { sampleShapeOf } from "../space/json.ts";
import type { Parameter, Space } from "../space/space.ts";
import { arrayTemplate, forEachLabel, objectTemplate, type SampleShape, type Template } from "../space/template.ts";
import { decodeValue, isConstant } from "./feature.ts";
import type { Importances } from "./importance.ts";
import { narrowed, tidy, type Part } from "./narrow-distribution.ts";
import type { Region } from "./region.ts";
import { spaceCode } from "./space-code.ts";
import type { TrialTable } from "./table.ts";

/** What is proposed for one parameter. */
export type SpaceChange =
  | { readonly label: string; readonly kind: "narrowed"; readonly from: Distribution; readonly to: Distribution }
  /** The options that are no longer there, by their indices in the old space. */
  | { readonly label: string; readonly kind: "options dropped"; readonly options: readonly number[] }
  /** As in an assignment of the old space. */
  | { readonly label: string; readonly kind: "fixed"; readonly value: number }
  /** It existed for dropped options only. */
  | { readonly label: string; readonly kind: "gone" }
  | { readonly label: string; readonly kind: "kept"; readonly matters: boolean };

/** A space for the next search. */
export type NarrowedSpace = {
  readonly space: Space<JsonValue>;
  /** TypeScript that defines it, to paste; it exports `space`. */
  readonly code: string;
  /** One for each parameter of the old space, in its order. */
  readonly changes: readonly SpaceChange[];
};

export type NarrowSettings = {
  /** What becomes of a parameter that hardly matters: it keeps its range, or gets the best trial's value for good. */
  readonly unimportant?: "keep" | "fix";
};

/** Below this share of the variance a parameter without a best region hardly matters. */
const smallShare = 0.01;
/** How much further than the best region a range goes, as a share of the region. */
const margin = 0.1;

/**
 * A smaller space around what was good: ranges end a little beyond the best region and the best trial, options that clearly lose are
 * dropped, and everything of which the trials say nothing stays as it is.
 */
export function narrowSpace(
  space: Space,
  table: TrialTable,
  regions: readonly Region[],
  importances: Importances | undefined,
  { unimportant = "keep" }: NarrowSettings = {},
): NarrowedSpace {
  const bestRow = table.losses.indexOf(table.losses.reduce((least, loss) => Math.min(least, loss), Number.POSITIVE_INFINITY));
  const inOptions = labelsInOptions(space.parameters);
  const proposals = new Map<string, SpaceChange>();
  for (const [f, parameter] of space.parameters.entries()) {
    const best = bestRow < 0 ? Number.NaN : table.codes[f]![bestRow]!;
    const share = importances?.parameters.find(({ label }) => label === parameter.label)?.importance;
    const matters = regions[f]!.kind !== "none" || share === undefined || share >= smallShare;
    const canFix = parameter.condition === "always" && !inOptions.has(parameter.label) && hasPlainValues(parameter);
    const change =
      proposeOptions(parameter, regions[f]!, canFix) ??
      proposeRange(parameter, regions[f]!, best) ??
      (unimportant === "fix" && canFix && !matters && !Number.isNaN(best) && !isConstant(table.features[f]!)
        ? { label: parameter.label, kind: "fixed" as const, value: tidy(decodeValue(table.features[f]!, best)) }
        : { label: parameter.label, kind: "kept" as const, matters });
    proposals.set(parameter.label, change);
  }
  return rebuild(space, proposals);
}

/** The constants and references that make up a sample, and the parameters, with the changes applied. */
function rebuild(space: Space, proposals: ReadonlyMap<string, SpaceChange>): NarrowedSpace {
  const changed = space.parameters.map(({ label, distribution }) => ({
    label,
    distribution: changedDistribution(distribution, proposals.get(label)!),
  }));
  const byLabel = new Map(changed.map(({ label, distribution }) => [label, distribution]));
  const shape = fixedShape(sampleShapeOf(space), space, proposals);
  const reachable = new Set<string>();
  const visit = (label: string): void => {
    if (reachable.has(label)) return;
    reachable.add(label);
    const distribution = byLabel.get(label)!;
    if (distribution.kind === "choice") for (const option of distribution.options) forEachLabel(option, visit);
  };
  if (shape === "requested") for (const { label } of changed) reachable.add(label);
  else forEachLabel(shape, visit);
  const parameters = changed.filter(({ label }) => reachable.has(label));
  const changes = Array.from(proposals.values(), (change): SpaceChange =>
    reachable.has(change.label) || change.kind === "fixed" ? change : { label: change.label, kind: "gone" },
  );
  const smaller = assembleSpace(parameters, shape);
  return { space: smaller, code: spaceCode(smaller), changes };
}

function changedDistribution(distribution: Distribution, change: SpaceChange): Distribution {
  if (change.kind === "narrowed") return change.to;
  if (change.kind !== "options dropped" || distribution.kind !== "choice") return distribution;
  const kept = distribution.options.flatMap((option, i) => (change.options.includes(i) ? [] : [{ option, i }]));
  const weights = distribution.weights && kept.map(({ i }) => distribution.weights![i]!);
  const sum = weights?.reduce((total, weight) => total + weight, 0) ?? 1;
  return {
    kind: "choice",
    options: kept.map(({ option }) => option),
    weights: weights && weights.map((weight) => Number((weight / sum).toPrecision(4))),
  };
}

function fixedShape(shape: SampleShape, space: Space, proposals: ReadonlyMap<string, SpaceChange>): SampleShape {
  if (shape === "requested") return shape;
  const fix = (template: Template): Template => {
    if (template.kind === "array") return arrayTemplate(template.items.map(fix));
    if (template.kind === "object") return objectTemplate(Object.entries(template.members).map(([key, it]) => [key, fix(it)]));
    const change = template.kind === "parameter" ? proposals.get(template.label) : undefined;
    return change?.kind === "fixed"
      ? { kind: "constant", value: plainValue(space.parameter(change.label)!, change.value) }
      : template;
  };
  return fix(shape);
}

function proposeOptions({ label, distribution }: Parameter, region: Region, canFix: boolean): SpaceChange | undefined {
  if (distribution.kind !== "choice" || region.kind === "interval") return undefined;
  const options = region.counts.filter(({ isLosing }) => isLosing).map(({ option }) => option);
  if (options.length === 0) return undefined;
  const kept = region.counts.filter(({ isLosing }) => !isLosing);
  return kept.length === 1 && canFix
    ? { label, kind: "fixed", value: kept[0]!.option }
    : { label, kind: "options dropped", options };
}

function proposeRange({ label, distribution }: Parameter, region: Region, best: number): SpaceChange | undefined {
  if (region.kind !== "interval") return undefined;
  const [low, high] = region.positions;
  const wide = margin * (high - low);
  const part: Part = [
    Math.max(0, Math.min(low - wide, Number.isNaN(best) ? 1 : best)),
    Math.min(1, Math.max(high + wide, Number.isNaN(best) ? 0 : best)),
  ];
  const to = narrowed(distribution, part);
  return to && { label, kind: "narrowed", from: distribution, to };
}

/** Whether its value can be written into a space as it stands: a number, or an option without parameters of its own. */
function hasPlainValues({ distribution }: Parameter): boolean {
  return distribution.kind !== "choice" || distribution.options.every(({ kind }) => kind === "constant");
}

function plainValue({ distribution }: Parameter, value: number): JsonValue {
  const option = distribution.kind === "choice" ? distribution.options[value] : undefined;
  return option?.kind === "constant" ? option.value : value;
}

function labelsInOptions(parameters: readonly Parameter[]): ReadonlySet<string> {
  const labels = new Set<string>();
  for (const { distribution } of parameters) {
    if (distribution.kind !== "choice") continue;
    for (const option of distribution.options) forEachLabel(option, (label) => labels.add(label));
  }
  return labels;
}
