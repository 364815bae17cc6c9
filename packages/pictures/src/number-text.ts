/**
 * A number as pictures write it: at most two decimals, without trailing zeros, exponents or a negative zero.
 *
 * @throws Error if it is not finite: a picture with a hole in it would look right and say something else.
 */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`internal: a picture cannot be drawn with the number ${value}`);
  const text = value.toFixed(2).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text;
}
