import { ArgminError, type JsonValue } from "@argmin/base";
import { assembleSpace } from "./assemble.ts";
import { findDiscriminant, textMembersOfDefinition } from "./discriminant.ts";
import type { Distribution } from "./distribution.ts";
import { isNode, nodeKey, type Sample, type SpaceDefinition, type SpaceNode } from "./node.ts";
import type { Space } from "./space.ts";
import type { LabelledDistribution } from "./structure.ts";
import { arrayTemplate, objectTemplate, type Template } from "./template.ts";

/**
 * The space that a definition means. A parameter's label is its explicit one or its path: `optimizer.lr`, `layers[0].units`.
 * Inside a choice the path goes on with the option, by the text that tells it from the others (`optimizer.adam.beta`, of
 * options `{ kind: "adam", … }` and `{ kind: "sgd", … }`) or else by its index (`optimizer[1]`). A node that stands in
 * several places is one parameter, with the path of its first place.
 *
 * @throws ArgminError `space/invalid` for what JSON cannot say, equal options and unusable labels, `space/bounds` for impossible
 *   probabilities, `space/duplicate-label` if two nodes have the same label.
 */
export function compileSpace<const S extends SpaceDefinition>(definition: S): Space<Sample<S>>;
// What `decode` rebuilds has the structure of the definition, which the compiler cannot follow through the templates.
export function compileSpace(definition: SpaceDefinition): Space<JsonValue> {
  const compiler = new Compiler();
  const sample = compiler.compile(definition, "");
  return assembleSpace(compiler.parameters(), sample);
}

/**
 * The distribution of a node that stands alone, as define-by-run needs it.
 *
 * @throws ArgminError `space/invalid` if the node is a choice whose options hold further parameters.
 */
export function distributionOf(node: SpaceNode<unknown>): Distribution {
  const compiler = new Compiler();
  compiler.compile(node, "");
  const [parameter, ...nested] = compiler.parameters();
  if (parameter === undefined || nested.length > 0) {
    throw new ArgminError(
      "space/invalid",
      `The options of a choice that stands alone must be constants, but one holds the parameter '${nested[0]?.label}'; ask for that one by itself.`,
    );
  }
  return parameter.distribution;
}

type Entry = { readonly label: string; readonly path: string; distribution: Distribution | undefined };

class Compiler {
  readonly #entries = new Map<SpaceNode<unknown>, Entry>();
  readonly #nodesByLabel = new Map<string, SpaceNode<unknown>>();
  readonly #open = new Set<object>();

  parameters(): LabelledDistribution[] {
    return [...this.#entries.values()].flatMap(({ label, distribution }) =>
      distribution === undefined ? [] : [{ label, distribution }],
    );
  }

  /** @param path - Where the definition stands; empty at the root. */
  compile(definition: SpaceDefinition, path: string): Template {
    if (isNode(definition)) return this.#compileNode(definition, path);
    if (typeof definition !== "object" || definition === null) {
      checkScalar(definition, path);
      return { kind: "constant", value: definition };
    }
    if (this.#open.has(definition)) throw invalid(path, "contains itself; a space must be a finite tree");
    this.#open.add(definition);
    const template = isArray(definition)
      ? arrayTemplate(Array.from(definition, (item, i) => this.compile(item, `${path}[${i}]`)))
      : this.#compileObject(definition, path);
    this.#open.delete(definition);
    return template;
  }

  #compileObject(definition: { readonly [key: string]: SpaceDefinition }, path: string): Template {
    const prototype: unknown = Object.getPrototypeOf(definition);
    // An object of another realm (a worker's, a test runner's) has another Object.prototype: a plain one has nothing above it.
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      throw invalid(path, "is an instance of a class; use plain objects, arrays, texts, numbers, booleans and null");
    }
    return objectTemplate(
      Object.entries(definition).map(([key, member]) => {
        if (key === "__proto__")
          throw invalid(path, "has a member '__proto__', which JavaScript does not treat as data; rename it");
        return [key, this.compile(member, path === "" ? key : `${path}.${key}`)] as const;
      }),
    );
  }

  #compileNode(node: SpaceNode<unknown>, path: string): Template {
    const known = this.#entries.get(node);
    const label = known?.label ?? this.#name(node, path);
    if (known === undefined) {
      const entry: Entry = { label, path, distribution: undefined };
      this.#entries.set(node, entry);
      entry.distribution = this.#distribution(node, path);
    }
    return { kind: "parameter", label };
  }

  #name(node: SpaceNode<unknown>, path: string): string {
    const label = node[nodeKey].label ?? (path === "" ? "value" : path);
    if (typeof label !== "string" || label === "" || label === "__proto__") {
      throw invalid(path, `has the label ${JSON.stringify(label)}; a label is a non-empty text other than "__proto__"`);
    }
    const other = this.#nodesByLabel.get(label);
    if (other !== undefined) {
      const places = [this.#entries.get(other)?.path ?? "", path].map(placeOf);
      throw new ArgminError(
        "space/duplicate-label",
        `Two parameters have the label '${label}', ${places.join(" and ")}; give one of them another label, or use one and the same node in both places.`,
      );
    }
    this.#nodesByLabel.set(label, node);
    return label;
  }

  #distribution(node: SpaceNode<unknown>, path: string): Distribution {
    const content = node[nodeKey];
    if (content.kind === "numeric") return content.distribution;
    if (!isArray(content.options)) throw invalid(path, "is a choice whose options are no array; write hp.choice([…])");
    const discriminant = findDiscriminant(content.options.map(textMembersOfDefinition));
    const options = Array.from(content.options, (option, i) => {
      const name = discriminant?.values[i];
      return this.compile(option, name === undefined ? `${path}[${i}]` : path === "" ? name : `${path}.${name}`);
    });
    return { kind: "choice", options, weights: content.weights };
  }
}

/** `Array.isArray` does not narrow readonly arrays. */
function isArray(value: unknown): value is readonly SpaceDefinition[] {
  return Array.isArray(value);
}

function checkScalar(value: unknown, path: string): void {
  if (value === null || typeof value === "boolean" || typeof value === "string") return;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return;
    throw invalid(path, `is ${value}; a constant number must be finite`);
  }
  const wayOut: Partial<Record<string, string>> = {
    undefined: "leave it out or write null",
    function: "write its name and look it up in the objective",
    bigint: "write a number or a text",
  };
  throw invalid(path, `is of type ${typeof value}, which JSON cannot say; ${wayOut[typeof value] ?? "write a text"}`);
}

function placeOf(path: string): string {
  return path === "" ? "at the root" : `at '${path}'`;
}

function invalid(path: string, problem: string): ArgminError {
  return new ArgminError("space/invalid", `The space ${placeOf(path)} ${problem}.`);
}
