import type { NumericDistribution } from "./distribution.ts";
import type { Space } from "./space.ts";

/**
 * Marks the expressions that `hp.*` returns; their address is the parameter's identity.
 *
 * @remarks A registered symbol and not a class, so that two installed copies of this package understand each other.
 */
export const nodeKey: unique symbol = Symbol.for("@argmin/search/node");

declare const sampleKey: unique symbol;

/** What `hp.*` returns: a place in a space where samples have a value of type `T`. */
export interface SpaceNode<out T> {
  readonly [nodeKey]: NodeContent;
  /** Exists for the compiler alone: it carries `T`. */
  readonly [sampleKey]?: T;
}

/** What stands behind a node. */
export type NodeContent =
  | { readonly kind: "numeric"; readonly label: string | undefined; readonly distribution: NumericDistribution }
  | {
      readonly kind: "choice";
      readonly label: string | undefined;
      readonly options: readonly SpaceDefinition[];
      readonly weights: readonly number[] | null;
    };

/** What a space may be made of: JSON values with nodes anywhere among them. */
export type SpaceDefinition =
  | null
  | boolean
  | number
  | string
  | SpaceNode<unknown>
  | readonly SpaceDefinition[]
  | { readonly [key: string]: SpaceDefinition };

/** The type of the samples of a definition, or of a compiled space. A choice becomes the union of its options. */
export type Sample<S> =
  // Of a definition of which nothing is known, nothing is known.
  SpaceDefinition extends S
    ? unknown
    : S extends SpaceNode<infer T>
      ? T
      : S extends Space<infer T>
        ? T
        : S extends object
          ? { readonly [K in keyof S]: Sample<S[K]> }
          : S;

/** Whether a value inside a definition is a node. */
export function isNode(value: unknown): value is SpaceNode<unknown> {
  return typeof value === "object" && value !== null && nodeKey in value;
}
