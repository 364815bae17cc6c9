/** Reads a value that came from another process; throws a plain Error if it is not what it should be. */
export type Decoder<T> = (value: unknown, path: string) => T;

export type Decoded<D> = D extends Decoder<infer T> ? T : never;

export const text: Decoder<string> = (value, path) => (typeof value === "string" ? value : refuse(path, "a text", value));

export const number: Decoder<number> = (value, path) => (typeof value === "number" ? value : refuse(path, "a number", value));

export const flag: Decoder<boolean> = (value, path) =>
  typeof value === "boolean" ? value : refuse(path, "true or false", value);

/** A text, a number, or true or false. */
export const scalar: Decoder<string | number | boolean> = (value, path) =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : refuse(path, "a text, a number, or true or false", value);

/** The value or nothing. */
export function optional<T>(decode: Decoder<T>): Decoder<T | undefined> {
  return (value, path) => (value === undefined || value === null ? undefined : decode(value, path));
}

/** One of a few words. */
export function word<const W extends string>(words: readonly W[]): Decoder<W> {
  return (value, path) => words.find((candidate) => candidate === value) ?? refuse(path, words.join(" or "), value);
}

export function list<T>(decode: Decoder<T>): Decoder<readonly T[]> {
  return (value, path) =>
    Array.isArray(value) ? value.map((item, i) => decode(item, `${path}[${i}]`)) : refuse(path, "a list", value);
}

/** Any names, values of one kind. */
export function record<T>(decode: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
  return (value, path) =>
    Object.fromEntries(Object.entries(members(value, path)).map(([name, member]) => [name, decode(member, `${path}.${name}`)]));
}

type Shape = Readonly<Record<string, Decoder<unknown>>>;

/** The members of a shape; others are dropped. */
export function object<S extends Shape>(shape: S): Decoder<Members<S>>;
export function object(shape: Shape): Decoder<Readonly<Record<string, unknown>>> {
  return (value, path) => {
    const found = members(value, path);
    return Object.fromEntries(Object.entries(shape).map(([name, decode]) => [name, decode(found[name], `${path}.${name}`)]));
  };
}

type Members<S extends Shape> = { readonly [K in keyof S]: Decoded<S[K]> };
type Variant<V extends Readonly<Record<string, Shape>>> = {
  [K in keyof V & string]: { readonly kind: K } & Members<V[K]>;
}[keyof V & string];

/** A union told apart by `kind`: one shape for each. */
export function variants<V extends Readonly<Record<string, Shape>>>(shapes: V): Decoder<Variant<V>>;
export function variants(shapes: Readonly<Record<string, Shape>>): Decoder<object> {
  const decoders = Object.fromEntries(
    Object.entries(shapes).map(([kind, shape]) => [kind, object({ ...shape, kind: word([kind]) })]),
  );
  return (value, path) => {
    const { kind } = members(value, path);
    const decode = typeof kind === "string" && Object.hasOwn(decoders, kind) ? decoders[kind] : undefined;
    return decode === undefined ? refuse(`${path}.kind`, Object.keys(shapes).join(" or "), kind) : decode(value, path);
  };
}

function members(value: unknown, path: string): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : refuse(path, "an object", value);
}

function refuse(path: string, wanted: string, found: unknown): never {
  const shown = typeof found === "bigint" || typeof found === "object" ? `a ${typeof found}` : JSON.stringify(found);
  throw new Error(`${path} should be ${wanted}, not ${found === null ? "null" : (shown ?? typeof found)}.`);
}
