import type { JsonValue } from "@argmin/base";
import { findDiscriminant, textMembersOfTemplate } from "../space/discriminant.ts";
import { lookUp, type Distribution, type DistributionOf, type DistributionTable } from "../space/distribution.ts";
import { sampleShapeOf } from "../space/json.ts";
import type { Space } from "../space/space.ts";
import type { LabelledDistribution } from "../space/structure.ts";
import { forEachLabel, type SampleShape, type Template } from "../space/template.ts";

/** The arguments of a builder's call; options are written after them where there are any. */
type Call = {
  readonly name: string;
  readonly numbers: readonly number[];
  readonly options: Readonly<Record<string, JsonValue>>;
};

const calls: DistributionTable<Call> = {
  uniform: ({ low, high }) => call("uniform", [low, high]),
  quniform: ({ low, high, q }) => call("quniform", [low, high, q]),
  loguniform: ({ low, high }) => call("loguniform", [low, high]),
  qloguniform: ({ low, high, q }) => call("qloguniform", [low, high, q]),
  normal: ({ mu, sigma }) => call("normal", [mu, sigma]),
  qnormal: ({ mu, sigma, q }) => call("qnormal", [mu, sigma, q]),
  lognormal: ({ mu, sigma }) => call("lognormal", [mu, sigma]),
  qlognormal: ({ mu, sigma, q }) => call("qlognormal", [mu, sigma, q]),
  roundeduniform: ({ low, high, q }) => call("roundeduniform", [low, high, q]),
  roundedloguniform: ({ low, high, q }) => call("roundedloguniform", [low, high, q]),
  beta: ({ a, b }) => call("beta", [a, b]),
  qbeta: ({ a, b, q }) => call("qbeta", [a, b, q]),
  randint: ({ low, high }) => call("randint", low === 0 ? [high] : [low, high]),
  uniformint: ({ low, high }) => call("uniformint", [low, high]),
  float: ({ low, high, log, step }) =>
    call("float", [low, high], { ...(log ? { log } : {}), ...(step === null ? {} : { step }) }),
  int: ({ low, high, log, step }) => call("int", [low, high], { ...(log ? { log } : {}), ...(step === 1 ? {} : { step }) }),
  choice: ({ weights }) => call(weights === null ? "choice" : "pchoice", []),
};

function call(name: string, numbers: readonly number[], options: Call["options"] = {}): Call {
  return { name, numbers, options };
}

const lineWidth = 100;

/**
 * TypeScript that defines a space, with `hp.*` builders; it exports `space`. A parameter gets a label where its path would give it another
 * one, and a constant of its own where it stands in several places. Of a define-by-run space: one member for each parameter.
 */
export function spaceCode(space: Space): string {
  const { parameters } = space;
  const shape = sampleShapeOf(space);
  const distributions = new Map(parameters.map(({ label, distribution }) => [label, distribution]));
  const writer = new Writer(distributions, sharedLabels(parameters, shape));
  const root: Template =
    shape === "requested"
      ? {
          kind: "object",
          members: Object.fromEntries(parameters.map(({ label }) => [label, { kind: "parameter" as const, label }])),
        }
      : shape;
  const definition = writer.template(root, "", 0);
  return [`import { hp } from "@argmin/search";`, "", ...writer.declarations, `export const space = ${definition};`, ""].join(
    "\n",
  );
}

/** The labels of the parameters that stand in more than one place. */
function sharedLabels(parameters: readonly LabelledDistribution[], shape: SampleShape): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  const count = (label: string): void => {
    if (seen.has(label)) shared.add(label);
    seen.add(label);
  };
  if (shape !== "requested") forEachLabel(shape, count);
  for (const { distribution } of parameters) {
    if (distribution.kind === "choice") for (const option of distribution.options) forEachLabel(option, count);
  }
  return shared;
}

/** Where an expression stands, as the compiler of spaces will see it; `undefined` in a declaration of its own. */
type Path = string | undefined;

class Writer {
  readonly declarations: string[] = [];
  readonly #distributions: ReadonlyMap<string, Distribution>;
  readonly #shared: ReadonlySet<string>;
  readonly #names = new Map<string, string>();

  constructor(distributions: ReadonlyMap<string, Distribution>, shared: ReadonlySet<string>) {
    this.#distributions = distributions;
    this.#shared = shared;
  }

  template(template: Template, path: Path, depth: number): string {
    if (template.kind === "constant") return constantText(template.value, depth);
    if (template.kind === "parameter") return this.#reference(template.label, path, depth);
    if (template.kind === "array") {
      return bracketed(
        "[]",
        template.items.map((item, i) => this.template(item, path === undefined ? undefined : `${path}[${i}]`, depth + 1)),
        depth,
      );
    }
    const members = Object.entries(template.members).map(
      ([key, member]) => `${keyText(key)}: ${this.template(member, joined(path, key), depth + 1)}`,
    );
    return bracketed("{}", members, depth);
  }

  #reference(label: string, path: Path, depth: number): string {
    if (!this.#shared.has(label)) return this.#expression(label, path, depth);
    const known = this.#names.get(label);
    if (known !== undefined) return known;
    const name = this.#nameOf(label);
    this.#names.set(label, name);
    // What is inside is declared first.
    const expression = this.#expression(label, undefined, 0);
    this.declarations.push(`const ${name} = ${expression};`, "");
    return name;
  }

  #expression(label: string, path: Path, depth: number): string {
    const distribution = this.#distributions.get(label)!;
    const { name, numbers, options } = lookUp<Distribution["kind"], Call>(calls, distribution);
    const own = path === "" ? "value" : path;
    const members = Object.entries({ ...options, ...(own === label ? {} : { label }) });
    const text = members
      .map(([key, value]) => `${key}: ${typeof value === "number" ? literal(value) : JSON.stringify(value)}`)
      .join(", ");
    const list = distribution.kind === "choice" ? [this.#options(distribution, path, depth)] : numbers.map(literal);
    return `hp.${name}(${[...list, ...(members.length === 0 ? [] : [`{ ${text} }`])].join(", ")})`;
  }

  #options({ options, weights }: DistributionOf<"choice">, path: Path, depth: number): string {
    const names = findDiscriminant(options.map(textMembersOfTemplate))?.values;
    const inside = depth + (weights === null ? 1 : 2);
    const texts = options.map((option, i) => {
      const name = names?.[i];
      const place = path === undefined ? undefined : name === undefined ? `${path}[${i}]` : joined(path, name);
      const text = this.template(option, place, inside);
      return weights === null ? text : bracketed("[]", [String(weights[i]), text], depth + 1);
    });
    return bracketed("[]", texts, depth);
  }

  /** A name that TypeScript takes, made of the label. */
  #nameOf(label: string): string {
    const words = label.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
    const camel = words.map((word, i) => (i === 0 ? word : `${word[0]!.toUpperCase()}${word.slice(1)}`)).join("");
    const base = `${/^[A-Za-z]/.test(camel) ? camel : `shared${camel}`}Parameter`;
    const taken = new Set(this.#names.values());
    for (let i = 1; ; i++) {
      const name = i === 1 ? base : `${base}${i}`;
      if (!taken.has(name)) return name;
    }
  }
}

/** 1e-6 rather than 0.000001. */
function literal(value: number): string {
  const text = String(value);
  const exponential = value.toExponential();
  return Math.abs(value) < 1e-3 && exponential.length < text.length ? exponential : text;
}

function joined(path: Path, key: string): Path {
  return path === undefined || path === "" ? (path === undefined ? undefined : key) : `${path}.${key}`;
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

function constantText(value: JsonValue, depth: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isList(value)) {
    return bracketed(
      "[]",
      value.map((item) => constantText(item, depth + 1)),
      depth,
    );
  }
  return bracketed(
    "{}",
    Object.entries(value).map(([key, member]) => `${keyText(key)}: ${constantText(member, depth + 1)}`),
    depth,
  );
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The items in brackets: in one line where they fit, else one a line. The outermost object always has lines of its own. */
function bracketed(brackets: "[]" | "{}", items: readonly string[], depth: number): string {
  const [open, close] = brackets;
  if (items.length === 0) return brackets;
  const space = brackets === "{}" ? " " : "";
  const line = `${open}${space}${items.join(", ")}${space}${close}`;
  const isRoot = depth === 0 && brackets === "{}";
  if (!isRoot && !line.includes("\n") && line.length + depth * 2 <= lineWidth) return line;
  const indent = "  ".repeat(depth + 1);
  return `${open}\n${items.map((item) => `${indent}${item},\n`).join("")}${"  ".repeat(depth)}${close}`;
}
