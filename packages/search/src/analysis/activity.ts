import type { Parameter } from "../space/space.ts";

/**
 * A part of a space: for each choice that is named, by its place among the parameters, the options allowed (1) and not (0).
 * Choices that are not named are free.
 */
export type OptionBox = ReadonlyMap<number, Uint8Array>;

/**
 * Where each parameter is active: disjoint boxes, one without any choice where it always is.
 *
 * @remarks In define-by-run nobody knows where a parameter would be asked for; it counts as active everywhere.
 */
export function activityOf(parameters: readonly Parameter[]): readonly (readonly OptionBox[])[] {
  const places = new Map(parameters.map(({ label }, i) => [label, i]));
  const counts = parameters.map(({ domain }) => (domain.kind === "categories" ? domain.count : 0));
  const known: (readonly OptionBox[])[] = [];
  for (const { condition } of parameters) {
    if (typeof condition === "string") {
      known.push([new Map()]);
      continue;
    }
    const optionsOf = new Map<number, Uint8Array>();
    for (const { label, option } of condition) {
      const parent = places.get(label)!;
      const allowed = optionsOf.get(parent) ?? new Uint8Array(counts[parent]!);
      allowed[option] = 1;
      optionsOf.set(parent, allowed);
    }
    const boxes: OptionBox[] = [];
    for (const [parent, allowed] of optionsOf) {
      for (const around of known[parent]!) boxes.push(...without(new Map([...around, [parent, allowed]]), boxes, counts));
    }
    known.push(boxes);
  }
  return known;
}

/** The box less the others, in disjoint boxes. */
function without(box: OptionBox, others: readonly OptionBox[], counts: readonly number[]): readonly OptionBox[] {
  let pieces: readonly OptionBox[] = [box];
  for (const other of others) pieces = pieces.flatMap((piece) => subtract(piece, other, counts));
  return pieces;
}

function subtract(box: OptionBox, other: OptionBox, counts: readonly number[]): readonly OptionBox[] {
  const pieces: OptionBox[] = [];
  let rest = new Map(box);
  for (const [choice, allowed] of other) {
    const current = rest.get(choice) ?? new Uint8Array(counts[choice]!).fill(1);
    const outside = current.map((flag, option) => flag & (1 - allowed[option]!));
    const inside = current.map((flag, option) => flag & allowed[option]!);
    if (outside.includes(1)) pieces.push(new Map(rest).set(choice, outside));
    if (!inside.includes(1)) return pieces;
    rest = rest.set(choice, inside);
  }
  return pieces;
}

/** Whether the boxes are the whole space. */
export function isEverywhere(boxes: readonly OptionBox[]): boolean {
  return boxes.some((box) => box.size === 0);
}

/** The part in which both lists of disjoint boxes lie, in disjoint boxes again. */
export function intersection(some: readonly OptionBox[], others: readonly OptionBox[]): readonly OptionBox[] {
  return some.flatMap((box) =>
    others.flatMap((other) => {
      const both = new Map(box);
      for (const [choice, allowed] of other) {
        const current = both.get(choice);
        const shared = current === undefined ? allowed : current.map((flag, option) => flag & allowed[option]!);
        if (!shared.includes(1)) return [];
        both.set(choice, shared);
      }
      return [both];
    }),
  );
}
