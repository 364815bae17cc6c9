import type { Space } from "@argmin/search";
import { testFunctions, type TestFunction } from "./functions.ts";
import { openSurrogates, surrogateKinds } from "./surrogates.ts";

/** A function that searches are compared on. */
export interface Row {
  readonly name: string;
  readonly space: Space;
  /** At a sample of the space. */
  readonly value: (sample: unknown) => number | Promise<number>;
  /** The same after a part of the training, where a row knows it. */
  readonly valueAfter?: (sample: unknown, part: number) => Promise<number>;
  /** `undefined` where nobody knows it. */
  readonly minimum: number | undefined;
}

export const functionNames: readonly string[] = Object.keys(testFunctions);
export const surrogateNames: readonly string[] = Object.entries(surrogateKinds).flatMap(([kind, { instances }]) =>
  instances.map((instance) => `${kind}/${instance}`),
);
export const rowNames: readonly string[] = [...functionNames, ...surrogateNames];

/** The rows of those names, in the order of the table; without the surrogates' folder the functions among them. */
export async function openRows(names: readonly string[], surrogates: string | undefined): Promise<readonly Row[]> {
  const rows: Row[] = Object.entries<TestFunction>(testFunctions).map(([name, { space, value, minimum }]) => ({
    name,
    space,
    value,
    minimum,
  }));
  if (surrogates !== undefined) {
    for (const [name, kind] of Object.entries(surrogateKinds)) {
      if (names.some((row) => row.startsWith(`${name}/`))) rows.push(...(await openSurrogates(surrogates, name, kind)));
    }
  }
  return rows.filter(({ name }) => names.includes(name));
}
