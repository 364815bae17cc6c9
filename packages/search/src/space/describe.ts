import type { JsonValue } from "@argmin/base";
import { findDiscriminant, textMembersOfTemplate } from "./discriminant.ts";
import type { Parameter } from "./space.ts";
import type { Template } from "./template.ts";

/** How a parameter's number is shown to people. */
export function describerOf({ distribution }: Parameter): (value: number) => JsonValue {
  if (distribution.kind !== "choice") return (value) => value;
  const shown = describeOptions(distribution.options);
  return (index) => shown[index]!;
}

/** Each option as people see it: itself if it is a scalar, else `{ option: index }` and its discriminant, if there is one. */
export function describeOptions(options: readonly Template[]): readonly JsonValue[] {
  const discriminant = findDiscriminant(options.map(textMembersOfTemplate));
  return options.map((option, index) => {
    if (option.kind === "constant" && (typeof option.value !== "object" || option.value === null)) return option.value;
    const text = discriminant?.values[index];
    return Object.freeze(
      discriminant === undefined || text === undefined ? { option: index } : { option: index, [discriminant.key]: text },
    );
  });
}
