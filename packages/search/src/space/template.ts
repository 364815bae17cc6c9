import type { JsonValue } from "@argmin/base";

/**
 * How a sample is put together, as plain JSON data: constants, and references to parameters by label.
 *
 * @remarks A reference and not the parameter itself, so that one parameter may stand in several places.
 */
export type Template =
  | { readonly kind: "constant"; readonly value: JsonValue }
  | { readonly kind: "parameter"; readonly label: string }
  | { readonly kind: "array"; readonly items: readonly Template[] }
  | { readonly kind: "object"; readonly members: { readonly [key: string]: Template } };
