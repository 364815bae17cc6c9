import { isArgminError, type JsonObject, type JsonValue } from "@argmin/base";
import {
  createPruner,
  createSampler,
  duplicatePolicies,
  prunerNames,
  pruners,
  samplerNames,
  samplers,
  type DuplicatePolicy,
  type SettingSpec,
  type SettingsSchema,
} from "@argmin/search";
import { flags } from "../flags/flags.ts";
import type { Flag } from "../flags/values.ts";
import { found, member, type Node } from "./node.ts";
import type { Remarks } from "./problems.ts";
import { anything, integer, join, likeliest, mapping, optional, refuse, text, word, type Shape, type ValuesOf } from "./shape.ts";

/** A sampler or a pruner by name, with settings where it has any. */
export interface Choice {
  readonly name: string;
  readonly settings: JsonObject;
}

type Registry = { readonly [name: string]: { readonly summary: string; readonly settings: SettingsSchema } };

/** One of a registry: a name, or a name with settings. @param create - Throws for settings that there are not. */
function choiceOf(
  what: string,
  {
    names,
    registry,
    create,
  }: {
    readonly names: readonly string[];
    readonly registry: Registry;
    readonly create: (name: string, settings: JsonObject) => unknown;
  },
): Shape<Choice> {
  const name = word(names);
  const wanted = `the name of a ${what}, or a mapping with 'name' and 'settings'`;
  return {
    schema: {
      anyOf: [
        name.schema,
        ...names.map((known) => ({
          type: "object",
          description: registry[known]?.summary ?? "",
          properties: { name: { const: known }, settings: settingsSchema(registry[known]?.settings ?? {}) },
          required: ["name"],
          additionalProperties: false,
        })),
      ],
    },
    read: (node, path, remarks) => {
      if (node.kind === "text") {
        const known = name.read(node, path, remarks);
        return known === undefined ? undefined : { name: known, settings: {} };
      }
      if (node.kind !== "map") return refuse(remarks, node, path, wanted);
      for (const { key, place } of node.entries)
        if (key !== "name" && key !== "settings") {
          remarks.refuse(
            place,
            `${join(path, key)} is no key here; wanted 'name' and 'settings'.${likeliest(key, ["name", "settings"])}`,
          );
          return undefined;
        }
      const given = member(node, "name");
      if (given === undefined) return refuse(remarks, node, path, wanted);
      const known = name.read(given.value, join(path, "name"), remarks);
      const settings = member(node, "settings");
      if (known === undefined) return undefined;
      if (settings === undefined) return { name: known, settings: {} };
      const values = readSettings(settings.value, join(path, "settings"), {
        schema: registry[known]?.settings ?? {},
        owner: `the ${what} ${known}`,
        remarks,
      });
      return values && made({ name: known, settings: values }, settings.value, { path: join(path, "settings"), create, remarks });
    },
  };
}

function readSettings(
  node: Node,
  path: string,
  { schema, owner, remarks }: { readonly schema: SettingsSchema; readonly owner: string; readonly remarks: Remarks },
): JsonObject | undefined {
  if (node.kind !== "map") return refuse(remarks, node, path, "a mapping of settings");
  const names = Object.keys(schema);
  const members = node.entries.map(({ key, place, value }) => {
    if (names.includes(key)) return [key, anything().read(value, join(path, key), remarks)] as const;
    const has = names.length === 0 ? "which has none" : `which has ${names.join(", ")}`;
    remarks.refuse(place, `${join(path, key)} is no setting of ${owner}, ${has}.${likeliest(key, names)}`);
    return [key, undefined] as const;
  });
  const known = members.filter((entry): entry is readonly [string, JsonValue] => entry[1] !== undefined);
  return known.length === members.length ? Object.fromEntries(known) : undefined;
}

/** The choice, if there is such a thing. */
function made(
  choice: Choice,
  settings: Node,
  {
    path,
    create,
    remarks,
  }: { readonly path: string; readonly create: (name: string, settings: JsonObject) => unknown; readonly remarks: Remarks },
): Choice | undefined {
  try {
    create(choice.name, choice.settings);
    return choice;
  } catch (error) {
    if (!isArgminError(error)) throw error;
    const named = /^The setting '([^']+)' .*? is .*; (wanted .*)\.$/.exec(error.message);
    const entry = named === null || settings.kind !== "map" ? undefined : member(settings, named[1]!);
    if (entry === undefined) remarks.refuse(settings.place, `${path}: ${error.message}`);
    else remarks.refuse(entry.value.place, `${join(path, entry.key)} is ${found(entry.value)}; ${named![2]}.`);
    return undefined;
  }
}

function settingsSchema(schema: SettingsSchema): JsonObject {
  const properties = Object.entries(schema).map(([name, spec]) => [
    name,
    { description: spec.summary, ...schemaOf(spec), default: spec.default },
  ]);
  return { type: "object", properties: Object.fromEntries(properties), additionalProperties: false };
}

function schemaOf(spec: SettingSpec): JsonObject {
  if (spec.kind === "choice") return { enum: spec.options };
  if (spec.kind === "boolean" || spec.kind === "integer" || spec.kind === "number") return { type: spec.kind, ...rangeOf(spec) };
  if (spec.kind === "integer-or-null") return { type: ["integer", "null"], ...rangeOf(spec) };
  if (spec.kind === "number-or-null") return { type: ["number", "null"], ...rangeOf(spec) };
  return {};
}

function rangeOf(spec: SettingSpec): JsonObject {
  return "minimum" in spec ? { minimum: spec.minimum, maximum: spec.maximum } : {};
}

/** What a flag of that name takes, written in a file. @param wanted - What a message says of it. */
function likeFlag<T>(flag: Flag<T>, name: string, wanted: string): Shape<T> {
  return {
    schema: { type: ["string", "number"] },
    read: (node, path, remarks) => {
      const source =
        node.kind === "text" ? node.value : node.kind === "integer" || node.kind === "float" ? node.source : undefined;
      if (source === undefined) return refuse(remarks, node, path, wanted);
      try {
        return flag.parse(source, name);
      } catch (error) {
        if (!isArgminError(error)) throw error;
        return refuse(remarks, node, path, wanted);
      }
    },
  };
}

const duration = "a time above 0 such as 90s, 10m or 2h";

/** The keys of the block `argmin`, in the names that the flags have. */
const keys = {
  experiment: optional(
    text("a bundled experiment or a TypeScript file"),
    "what is tuned in place of a program: a bundled experiment, or a TypeScript file",
  ),
  sampler: optional(
    choiceOf("sampler", { names: samplerNames, registry: samplers, create: createSampler }),
    "what proposes runs, in place of what the method says",
  ),
  pruner: optional(
    choiceOf("pruner", { names: prunerNames, registry: pruners, create: createPruner }),
    "what stops hopeless runs, in place of early_terminate",
  ),
  storage: optional(text("a file"), flags.storage.help),
  seed: optional(integer({ min: 0 }), flags.seed.help),
  retries: optional(integer({ min: 0, max: 1000 }), flags.retries.help),
  duplicates: optional(word<DuplicatePolicy>(duplicatePolicies), flags.duplicates.help),
  workers: optional(integer({ min: 1, max: 1024 }), flags.workers.help),
  timeout: optional(likeFlag(flags.timeout, "timeout", duration), flags.timeout.help),
  "trial-timeout": optional(likeFlag(flags["trial-timeout"], "trial-timeout", duration), flags["trial-timeout"].help),
  "memory-limit": optional(
    likeFlag(flags["memory-limit"], "memory-limit", "a size from 64M on, such as 512M or 4G"),
    flags["memory-limit"].help,
  ),
  patience: optional(integer({ min: 1, max: 1e9 }), flags.patience.help),
};

/** What the block `argmin` says; times in milliseconds, sizes in bytes, and nothing where a key is missing. */
export type ArgminBlock = ValuesOf<typeof keys>;

/** Keys of the block, for who writes one of them outside of it. */
export const argminKeys: readonly string[] = Object.keys(keys);

export const argminBlock: Shape<ArgminBlock> = mapping(keys, { of: "the block 'argmin'" });
