import { ArgminError, isArgminError, isJsonObject, systemClock, type Clock, type JsonValue } from "@argmin/base";
import { duplicatePolicies, type DuplicatePolicy } from "../sampler/duplicates.ts";
import { createPruner } from "../pruner/registry.ts";
import { createSampler } from "../sampler/registry.ts";
import { compileSpace } from "../space/compile.ts";
import { spaceFromJson } from "../space/json.ts";
import type { Sample, SpaceDefinition } from "../space/node.ts";
import type { FlatValues, Space } from "../space/space.ts";
import { defaultLeaseMs } from "../storage/lease.ts";
import { MemoryStorage } from "../storage/memory.ts";
import type { Storage, StudyRecord } from "../storage/storage.ts";
import { newWorkerName } from "../storage/worker.ts";
import { RequestMode, type RequestingObjective, type RequestingTrial, type SpaceMemory } from "./define-by-run.ts";
import { completeDefinition, ensureSame, givenDefinition, type DefinitionSettings } from "./definition.ts";
import type { LiveTrial } from "./live-trial.ts";
import { SpaceMode } from "./space-mode.ts";
import { Study } from "./study.ts";

export type StudySettings = DefinitionSettings & {
  /** Where the study lives; in memory unless said otherwise. Whoever opened a storage closes it. */
  readonly storage?: Storage;
  readonly clock?: Clock;
  /** How long a trial stays leased to this process without a sign of life, in milliseconds. */
  readonly leaseMs?: number;
  /** Who takes the trials; this process unless said otherwise. */
  readonly worker?: string;
};

type WithSpace<S> = StudySettings & { readonly space: S };
type AnySettings = StudySettings & { readonly space?: Space | SpaceDefinition };

/** A study whose trials ask for their parameters as they go along. */
export type DefineByRunStudy = Study<FlatValues, RequestingTrial, RequestingObjective>;

/** A study of which one does not know at compile time what its space is: to look at, to `ask` and to `tell`. */
export type OpenedStudy = Study<unknown, LiveTrial<unknown>, never>;

/**
 * A new study. Without a space its trials ask for their parameters (define-by-run).
 *
 * @throws ArgminError `study/exists` if the storage has one of that name, `space/...` for an impossible space.
 */
export function createStudy<T>(settings: WithSpace<Space<T>>): Promise<Study<T>>;
export function createStudy<const S extends SpaceDefinition>(settings: WithSpace<S>): Promise<Study<Sample<S>>>;
export function createStudy(settings?: StudySettings & { readonly space?: never }): Promise<DefineByRunStudy>;
export async function createStudy(settings: AnySettings = {}): Promise<Study<unknown> | DefineByRunStudy> {
  ensureUsable(settings);
  const { storage = new MemoryStorage(settings) } = settings;
  const space = compiled(settings.space) ?? null;
  const record = await storage.createStudy(completeDefinition(givenDefinition(settings, space)));
  return assemble(record, storage, space, settings);
}

/**
 * A study that is there. Settings that are given must be those it was created with; what is left out is as it is stored.
 *
 * @throws ArgminError `study/missing`, `study/mismatch` which says what differs.
 */
export function openStudy<T>(settings: WithSpace<Space<T>> & { readonly storage: Storage }): Promise<Study<T>>;
export function openStudy<const S extends SpaceDefinition>(
  settings: WithSpace<S> & { readonly storage: Storage },
): Promise<Study<Sample<S>>>;
export function openStudy(settings: StudySettings & { readonly storage: Storage; readonly space?: never }): Promise<OpenedStudy>;
export async function openStudy(
  settings: AnySettings & { readonly storage: Storage },
): Promise<Study<unknown> | OpenedStudy | DefineByRunStudy> {
  ensureUsable(settings);
  const space = compiled(settings.space);
  const given = givenDefinition(settings, space);
  const { storage } = settings;
  const { name } = completeDefinition(given);
  const record = await storage.findStudy(name);
  if (record === undefined) throw new ArgminError("study/missing", await missing(name, storage));
  ensureSame(record, given, storage.description);
  return assemble(record, storage, space ?? (record.space === null ? null : spaceFromJson(record.space)), settings);
}

/**
 * The study of that name, created if it is not there: what a program calls that can be interrupted and started again.
 *
 * @throws ArgminError `study/mismatch` if it was created with other settings than those given.
 */
export function loadOrCreate<T>(settings: WithSpace<Space<T>>): Promise<Study<T>>;
export function loadOrCreate<const S extends SpaceDefinition>(settings: WithSpace<S>): Promise<Study<Sample<S>>>;
export function loadOrCreate(settings?: StudySettings & { readonly space?: never }): Promise<DefineByRunStudy>;
export async function loadOrCreate(settings: AnySettings = {}): Promise<Study<unknown> | DefineByRunStudy> {
  ensureUsable(settings);
  const { storage = new MemoryStorage(settings) } = settings;
  const space = compiled(settings.space) ?? null;
  const given = givenDefinition(settings, space);
  const definition = completeDefinition(given);
  const record = (await storage.findStudy(definition.name)) ?? (await createOrFind(storage, definition));
  ensureSame(record, given, storage.description);
  return assemble(record, storage, space, settings);
}

async function createOrFind(storage: Storage, definition: Parameters<Storage["createStudy"]>[0]): Promise<StudyRecord> {
  try {
    return await storage.createStudy(definition);
  } catch (error) {
    // Another process was faster.
    const found = isArgminError(error, "study/exists") ? await storage.findStudy(definition.name) : undefined;
    if (found === undefined) throw error;
    return found;
  }
}

/** What is said of this process and not of the study: checked before there is one. */
function ensureUsable({ leaseMs = defaultLeaseMs, worker = "" }: StudySettings): void {
  if (!Number.isFinite(leaseMs) || leaseMs < 1) {
    throw new ArgminError("value/invalid", `A lease must last 1 millisecond or more, not ${leaseMs}.`);
  }
  if (typeof worker !== "string")
    throw new ArgminError("value/invalid", `The worker of a study must be a text, not ${typeof worker}.`);
}

async function assemble(
  record: StudyRecord,
  storage: Storage,
  space: Space | null,
  { clock = systemClock, leaseMs = defaultLeaseMs, worker = newWorkerName() }: StudySettings,
): Promise<Study<unknown> | DefineByRunStudy> {
  const sampler = createSampler(record.sampler.name, record.sampler.settings);
  const pruner = createPruner(record.pruner.name, record.pruner.settings);
  const parts = { storage, record, pruner, clock, worker, leaseMs };
  const { seed } = record;
  if (space === null) {
    const mode = await RequestMode.open({ sampler, seed, memory: memoryOf(storage, record.id) });
    return new Study({ ...parts, mode });
  }
  return new Study({ ...parts, mode: new SpaceMode(space, { sampler, seed, duplicates: policyOf(record) }) });
}

/** The study attribute in which define-by-run keeps the space that has come to light. */
export const spaceAttribute = "space";

function memoryOf(storage: Storage, study: number): SpaceMemory {
  return {
    load: async () => {
      const document: JsonValue | undefined = (await storage.studyAttributes(study))[spaceAttribute];
      return isJsonObject(document) ? document : undefined;
    },
    replace: (expected, space) => storage.replaceStudyAttribute(study, spaceAttribute, expected, space),
  };
}

function compiled(space: Space | SpaceDefinition | undefined): Space | undefined {
  if (space === undefined) return undefined;
  return isSpace(space) ? space : compileSpace(space);
}

function isSpace(space: Space | SpaceDefinition): space is Space {
  return typeof space === "object" && space !== null && "decode" in space && typeof space.decode === "function";
}

function policyOf({ duplicates }: StudyRecord): DuplicatePolicy {
  const policy = duplicatePolicies.find((candidate) => candidate === duplicates);
  if (policy !== undefined) return policy;
  throw new ArgminError(
    "storage/newer",
    `The study uses the duplicate policy "${duplicates}", which this argmin does not know; update it.`,
  );
}

async function missing(name: string, storage: Storage): Promise<string> {
  const names = (await storage.listStudies()).map(({ study }) => `"${study.name}"`);
  const others = names.length === 0 ? "it has none" : `it has ${names.slice(0, 10).join(", ")}${names.length > 10 ? ", …" : ""}`;
  return `There is no study "${name}" in ${storage.description}; ${others}.`;
}
