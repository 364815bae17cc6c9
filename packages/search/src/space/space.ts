import type { JsonObject, JsonValue } from "@argmin/base";
import type { Distribution } from "./distribution.ts";
import type { Domain } from "./domain.ts";

/**
 * What a sampler proposes and a storage keeps: label -> number, active parameters only.
 * A choice is stored as the index of its option, everything else as its value.
 */
export type Assignment = Readonly<Record<string, number>>;

/** Label -> value as people read and write it: an option itself, not its index. */
export type FlatValues = Readonly<Record<string, JsonValue>>;

/** "The choice `label` has taken its option number `option`." */
export type Branch = { readonly label: string; readonly option: number };

/**
 * When a parameter is active: always; when any of the branches is taken (one, unless the parameter is used in several);
 * or `requested`, for define-by-run, when the trial asked for it.
 */
export type Condition = "always" | "requested" | readonly Branch[];

/** One thing that may vary. */
export type Parameter = {
  readonly label: string;
  readonly distribution: Distribution;
  /** The distribution reduced to one of four forms: what samplers look at. */
  readonly domain: Domain;
  readonly condition: Condition;
};

/** A count that may be infinite: a `bigint`, or the number `Infinity`. The two compare with `<` and `>`. */
export type Cardinality = bigint | number;

/**
 * A compiled space: a flat list of parameters with their conditions, and the way from an assignment to a sample of type `T`.
 *
 * @remarks Immutable. Methods that take an assignment ignore labels that are not active in it.
 */
export interface Space<T = unknown> {
  /** Flat and in order: the choices a parameter's condition speaks of come before it. */
  readonly parameters: readonly Parameter[];

  /** The parameter of that label, if there is one. */
  parameter(label: string): Parameter | undefined;

  /**
   * The structure the space was defined as, with values in the places of the parameters. Constant parts are frozen and shared.
   *
   * @throws ArgminError `space/invalid` if an active parameter is missing or an option does not exist.
   */
  decode(assignment: Assignment): T;

  /**
   * The assignment's canonical form: inactive parameters dropped, values moved to the nearest one on the step and in bounds.
   *
   * @throws ArgminError `space/invalid` if an active parameter is missing or an option does not exist.
   */
  effective(assignment: Assignment): Assignment;

  /** SHA-256 of the effective assignment, in hexadecimal: equal configurations have equal hashes on every machine. */
  hash(assignment: Assignment): string;

  /**
   * Flat values for people and JSON output. Of a choice: the option itself where it is a scalar, the value of the parameter
   * that is the option where that can mean no other (which then has no entry of its own), else `{ option: index }` with the
   * option's discriminant beside it, if it has one.
   */
  describe(assignment: Assignment): FlatValues;

  /**
   * The inverse of `decode` and of `describe`: the effective assignment of values that a person wrote down.
   *
   * @throws ArgminError `space/invalid` (unknown, missing or ill-typed value), `space/bounds` (out of range or off the step),
   *   `space/inactive` (a value for a parameter that the choices made leave inactive). Each names the label, the value and what was wanted.
   */
  encode(values: T | FlatValues): Assignment;

  /**
   * Refuses an assignment that this space cannot have produced.
   *
   * @throws ArgminError `space/invalid`, `space/bounds` or `space/inactive`, as `encode` does.
   */
  validate(assignment: Assignment): void;

  /** The exact number of distinct effective assignments. */
  size(): Cardinality;

  /** A versioned JSON document from which `spaceFromJson` makes an equal space. */
  toJson(): JsonObject;
}
