import { randomInt } from "node:crypto";
import { inspect } from "node:util";
import { ArgminError, canonicalJson, Rng } from "@argmin/base";
import { duplicatePolicies, type DuplicatePolicy } from "../sampler/duplicates.ts";
import { createPruner } from "../pruner/registry.ts";
import type { Pruner } from "../pruner/pruner.ts";
import { createSampler } from "../sampler/registry.ts";
import type { Sampler } from "../sampler/sampler.ts";
import { callOf } from "../space/distribution-check.ts";
import { spaceFromJson } from "../space/json.ts";
import type { Parameter, Space } from "../space/space.ts";
import { defaultRetries } from "../storage/lease.ts";
import { directions, type Direction, type StudyDefinition, type StudyRecord } from "../storage/storage.ts";

/** What distinguishes one study from another, as callers say it; what is left out has a default or stays as it is stored. */
export type DefinitionSettings = {
  /** `study` unless said otherwise. */
  readonly name?: string;
  /** `minimize` unless said otherwise. */
  readonly direction?: Direction;
  /** By name, with settings where it has any; `random` unless said otherwise. */
  readonly sampler?: string | Pick<Sampler, "name" | "settings">;
  /** What stops hopeless trials: a name, or a name with settings and the metric to judge by; `none` unless said otherwise. */
  readonly pruner?: string | PrunerSetting;
  /** The same seed gives the same trials. Drawn by chance if left out. */
  readonly seed?: number | string;
  /** What to do when a configuration comes up a second time; `avoid` unless said otherwise. */
  readonly duplicates?: DuplicatePolicy;
  /** How often a trial is tried again whose process ended without a result; 3 unless said otherwise. */
  readonly retries?: number;
};

/** A pruner as a study is given one. */
export type PrunerSetting = Partial<Pick<Pruner, "settings">> & {
  readonly name: string;
  /** The reported metric that trials are judged by; `value` unless said otherwise, which is what `report(step, value)` reports. */
  readonly metric?: string;
};

type Given = { -readonly [K in keyof StudyDefinition]?: StudyDefinition[K] };

/**
 * The parts of a definition that were given, checked.
 *
 * @param space - `undefined` if any will do, `null` for define-by-run.
 * @throws ArgminError `value/invalid` for what no study can have.
 */
export function givenDefinition(settings: DefinitionSettings, space: Space | null | undefined): Given {
  const { name, direction, sampler, pruner, seed, duplicates, retries } = settings;
  const given: Given = {};
  if (name !== undefined) given.name = checkedName(name);
  if (direction !== undefined) given.direction = oneOf("direction", direction, directions);
  if (space !== undefined) given.space = space === null ? null : space.toJson();
  if (sampler !== undefined) {
    if (typeof sampler !== "string" && typeof sampler?.name !== "string") {
      const wanted = "a name, or an object with a name and settings";
      throw new ArgminError("value/invalid", `The sampler of a study is ${shown(sampler)}; wanted ${wanted}.`);
    }
    given.sampler = samplerOf(
      typeof sampler === "string" ? createSampler(sampler) : createSampler(sampler.name, sampler.settings),
    );
  }
  if (pruner !== undefined) given.pruner = checkedPruner(pruner);
  if (seed !== undefined) {
    if (typeof seed !== "number" && typeof seed !== "string") {
      throw new ArgminError("value/invalid", `The seed of a study is ${shown(seed)}; wanted a number or a text.`);
    }
    Rng.fromSeed(seed);
    given.seed = seed;
  }
  if (duplicates !== undefined) given.duplicates = oneOf("duplicates", duplicates, duplicatePolicies);
  if (retries !== undefined) {
    if (!Number.isSafeInteger(retries) || retries < 0) {
      throw new ArgminError("value/invalid", `The number of retries must be a whole number from 0, not ${shown(retries)}.`);
    }
    given.retries = retries;
  }
  return given;
}

function samplerOf({ name, settings }: Sampler): StudyDefinition["sampler"] {
  return { name, settings };
}

/** A whole definition, with defaults for what was not given. */
export function completeDefinition(given: Given): StudyDefinition {
  return {
    name: "study",
    direction: "minimize",
    space: null,
    sampler: samplerOf(createSampler("auto")),
    pruner: { name: "none", settings: {}, metric: defaultMetric },
    seed: randomInt(2 ** 32),
    duplicates: "avoid",
    retries: defaultRetries,
    ...given,
  };
}

/**
 * Refuses to go on with a study that was started with other settings than those given.
 *
 * @throws ArgminError `study/mismatch`, which says what differs.
 */
export function ensureSame(stored: StudyRecord, given: Given, where: string): void {
  // A study from before a setting existed has its default.
  const record: StudyRecord = given.pruner === undefined ? stored : { ...stored, pruner: checkedPruner(stored.pruner) };
  const differences = differenceNames.flatMap((part) => {
    const wanted = given[part];
    return wanted === undefined || canonicalJson(wanted) === canonicalJson(record[part])
      ? []
      : [differenceIn(part, record, given)];
  });
  if (differences.length === 0) return;
  throw new ArgminError(
    "study/mismatch",
    `The study "${record.name}" in ${where} was started with other settings: ${differences.join("; ")}. ` +
      "Go on with the old settings, or choose another name.",
  );
}

const differenceNames = ["space", "direction", "sampler", "pruner", "seed", "duplicates", "retries"] as const;

function differenceIn(part: (typeof differenceNames)[number], record: StudyRecord, given: Given): string {
  if (part === "space") return spaceDifference(record.space, given.space ?? null);
  const [before, now] = [record[part], given[part]].map((value) => canonicalJson(value ?? null));
  return `${part} ${before}, not ${now}`;
}

function spaceDifference(before: StudyDefinition["space"], now: StudyDefinition["space"]): string {
  if (before === null) return "its trials ask for their parameters, now there is a space";
  if (now === null) return "it has a space, now trials are to ask for their parameters";
  const [old, wanted] = [spaceFromJson(before), spaceFromJson(now)];
  for (const parameter of wanted.parameters) {
    const known = old.parameter(parameter.label);
    if (known === undefined) return `its space has no '${parameter.label}'`;
    if (canonicalJson(known.distribution) !== canonicalJson(parameter.distribution)) {
      return `'${parameter.label}' was ${describe(known)}, now it is ${describe(parameter)}`;
    }
  }
  const gone = old.parameters.find(({ label }) => wanted.parameter(label) === undefined);
  return gone === undefined ? "its space has another structure" : `its space has a parameter '${gone.label}'`;
}

function describe({ distribution }: Parameter): string {
  if (distribution.kind !== "choice") return callOf(distribution);
  return `${callOf(distribution)} of ${distribution.options.length}`;
}

/** The metric that a bare number in a report is. */
export const defaultMetric = "value";

function checkedPruner(pruner: string | PrunerSetting): StudyDefinition["pruner"] {
  if (typeof pruner === "string") return checkedPruner({ name: pruner });
  const { name, settings, metric = defaultMetric } = pruner ?? {};
  if (typeof name !== "string" || typeof metric !== "string") {
    const wanted = "a name, or an object with a name, settings and a metric";
    throw new ArgminError("value/invalid", `The pruner of a study is ${shown(pruner)}; wanted ${wanted}.`);
  }
  const made = createPruner(name, settings);
  return { name: made.name, settings: made.settings, metric };
}

function oneOf<T extends string>(setting: string, given: T, known: readonly T[]): T {
  if (known.includes(given)) return given;
  throw new ArgminError("value/invalid", `The ${setting} of a study is ${shown(given)}; wanted one of ${known.join(", ")}.`);
}

/** A setting as it was given, for messages: programs without types give anything. */
function shown(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
}

function checkedName(name: string): string {
  if (typeof name === "string" && name.trim() !== "" && name.length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(name)) return name;
  throw new ArgminError(
    "value/invalid",
    `${shown(name)} cannot be the name of a study; use up to 200 characters, without control characters.`,
  );
}
