import { ArgminError, isJsonObject, type JsonObject, type JsonValue } from "@argmin/base";
import { assembleSpace, spaceFormat } from "./assemble.ts";
import type { Distribution, DistributionKind, DistributionOf } from "./distribution.ts";
import { shown } from "./mismatch.ts";
import type { Space } from "./space.ts";
import type { LabelledDistribution } from "./structure.ts";
import { arrayTemplate, objectTemplate, type SampleShape, type Template } from "./template.ts";

/**
 * The space that `Space.toJson` described.
 *
 * @throws ArgminError `space/invalid` if the document is none of a space, or of a newer version; `space/bounds` or
 *   `space/duplicate-label` if what it describes is impossible.
 */
export function spaceFromJson(json: JsonValue): Space<JsonValue> {
  const document = new Reading(json, "the document of a space");
  const format = document.text("format");
  if (format !== spaceFormat.format) throw document.wrong("format", format, `"${spaceFormat.format}"`);
  const version = document.number("version");
  if (version !== spaceFormat.version)
    throw document.wrong("version", version, `${spaceFormat.version}; a newer argmin wrote it`);
  const parameters = document.list("parameters", (item, where): LabelledDistribution => {
    const parameter = new Reading(item, where);
    const label = parameter.text("label");
    if (label === "" || label === "__proto__") throw parameter.wrong("label", label, "a usable label");
    return { label, distribution: readDistribution(parameter.member("distribution"), `${where}.distribution`) };
  });
  return assembleSpace(parameters, readShape(document.member("sample"), "sample"));
}

/** What the samples of a space look like: how it was written down, with labels in the places of its parameters. */
export function sampleShapeOf(space: Space): SampleShape {
  return readShape(space.toJson()["sample"], "sample");
}

/**
 * A distribution from its plain JSON data, as a storage keeps those of define-by-run.
 *
 * @param what - What the data is, for messages.
 * @throws ArgminError `space/invalid` if a member is missing or of the wrong type.
 */
export function readDistribution(json: JsonValue | undefined, what: string): Distribution {
  const reading = new Reading(json, what);
  const kind = reading.text("kind");
  if (!isKind(kind)) throw reading.wrong("kind", kind, `one of ${Object.keys(readers).join(", ")}`);
  return readers[kind](reading);
}

function isKind(kind: string): kind is DistributionKind {
  return Object.hasOwn(readers, kind);
}

const readers: { readonly [K in DistributionKind]: (it: Reading) => DistributionOf<K> } = {
  uniform: (it) => ({ kind: "uniform", ...range(it) }),
  quniform: (it) => ({ kind: "quniform", ...range(it), q: it.number("q") }),
  loguniform: (it) => ({ kind: "loguniform", ...range(it) }),
  qloguniform: (it) => ({ kind: "qloguniform", ...range(it), q: it.number("q") }),
  normal: (it) => ({ kind: "normal", ...moments(it) }),
  qnormal: (it) => ({ kind: "qnormal", ...moments(it), q: it.number("q") }),
  lognormal: (it) => ({ kind: "lognormal", ...moments(it) }),
  qlognormal: (it) => ({ kind: "qlognormal", ...moments(it), q: it.number("q") }),
  roundeduniform: (it) => ({ kind: "roundeduniform", ...range(it), q: it.number("q") }),
  roundedloguniform: (it) => ({ kind: "roundedloguniform", ...range(it), q: it.number("q") }),
  beta: (it) => ({ kind: "beta", ...shape(it) }),
  qbeta: (it) => ({ kind: "qbeta", ...shape(it), q: it.number("q") }),
  randint: (it) => ({ kind: "randint", ...range(it) }),
  uniformint: (it) => ({ kind: "uniformint", ...range(it) }),
  float: (it) => ({ kind: "float", ...range(it), log: it.boolean("log"), step: it.isNull("step") ? null : it.number("step") }),
  int: (it) => ({ kind: "int", ...range(it), log: it.boolean("log"), step: it.number("step") }),
  choice: (it) => ({
    kind: "choice",
    options: it.list("options", readTemplate),
    weights: it.isNull("weights") ? null : it.list("weights", readNumber),
  }),
};

function range(it: Reading): { readonly low: number; readonly high: number } {
  return { low: it.number("low"), high: it.number("high") };
}

function moments(it: Reading): { readonly mu: number; readonly sigma: number } {
  return { mu: it.number("mu"), sigma: it.number("sigma") };
}

function shape(it: Reading): { readonly a: number; readonly b: number } {
  return { a: it.number("a"), b: it.number("b") };
}

function readShape(json: JsonValue | undefined, what: string): SampleShape {
  return json === "requested" ? json : readTemplate(json, what);
}

function readTemplate(json: JsonValue | undefined, what: string): Template {
  const it = new Reading(json, what);
  const kind = it.text("kind");
  switch (kind) {
    case "constant":
      return readConstant(it.member("value"), what);
    case "parameter":
      return { kind, label: it.text("label") };
    case "array":
      return arrayTemplate(it.list("items", readTemplate));
    case "object": {
      const members = new Reading(it.member("members"), `${what}.members`);
      return objectTemplate(members.entries().map(([key, member]) => [key, readTemplate(member, `${what}.${key}`)] as const));
    }
    default:
      throw it.wrong("kind", kind, "constant, parameter, array or object");
  }
}

/** Built like a definition's constants, so that it is frozen as those are. */
function readConstant(value: JsonValue | undefined, what: string): Template {
  if (value === undefined) throw new ArgminError("space/invalid", `In ${what}, the value of a constant is missing.`);
  if (isJsonObject(value)) {
    return objectTemplate(new Reading(value, what).entries().map(([key, member]) => [key, readConstant(member, what)] as const));
  }
  if (typeof value === "object" && value !== null) return arrayTemplate(value.map((item) => readConstant(item, what)));
  return { kind: "constant", value };
}

function readNumber(json: JsonValue | undefined, what: string): number {
  if (typeof json === "number") return json;
  throw new ArgminError("space/invalid", `${what} is ${shown(json)}; wanted a number.`);
}

/** An object of the document and where it stands, to read its members with complaints that name them. */
class Reading {
  readonly #members: JsonObject;
  readonly #what: string;

  constructor(json: JsonValue | undefined, what: string) {
    if (!isJsonObject(json))
      throw new ArgminError("space/invalid", `In the document of a space, ${what} is ${shown(json)}; wanted an object.`);
    this.#members = json;
    this.#what = what;
  }

  wrong(name: string, found: JsonValue | undefined, wanted: string): ArgminError {
    const state = found === undefined ? "is missing" : `is ${shown(found)}`;
    return new ArgminError("space/invalid", `In ${this.#what}, '${name}' ${state}; wanted ${wanted}.`);
  }

  member(name: string): JsonValue | undefined {
    return Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
  }

  entries(): readonly (readonly [string, JsonValue])[] {
    if (Object.hasOwn(this.#members, "__proto__")) throw this.wrong("__proto__", "", "members that JavaScript treats as data");
    return Object.entries(this.#members);
  }

  isNull(name: string): boolean {
    return this.member(name) === null;
  }

  text(name: string): string {
    const value = this.member(name);
    if (typeof value !== "string") throw this.wrong(name, value, "a text");
    return value;
  }

  number(name: string): number {
    const value = this.member(name);
    if (typeof value !== "number") throw this.wrong(name, value, "a number");
    return value;
  }

  boolean(name: string): boolean {
    const value = this.member(name);
    if (typeof value !== "boolean") throw this.wrong(name, value, "true or false");
    return value;
  }

  list<T>(name: string, read: (item: JsonValue, what: string) => T): readonly T[] {
    const value = this.member(name);
    if (!isList(value)) throw this.wrong(name, value, "an array");
    return value.map((item, i) => read(item, `${this.#what}.${name}[${i}]`));
  }
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
