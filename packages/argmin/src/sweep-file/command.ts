import { didYouMean } from "../flags/suggestion.ts";
import { found, type Node } from "./node.ts";
import type { Remarks } from "./problems.ts";
import { list, type Shape } from "./shape.ts";

/** The macros of a command and what stands in their place; those with several words become several arguments. */
export const macros = {
  env: "/usr/bin/env",
  interpreter: "python",
  program: "the program",
  args: "each parameter as --name=value",
  args_no_equals: "each parameter as two words, --name and value",
  args_no_hyphens: "each parameter as name=value",
  args_no_boolean_flags: "as args, but --name for true and nothing for false",
  args_json: "all parameters as one JSON object",
  args_json_file: "the path of a file with all parameters as one JSON object",
  args_append_hydra: "each parameter as +name=value",
  args_override_hydra: "each parameter as ++name=value",
} as const satisfies Readonly<Record<string, string>>;

export type Macro = keyof typeof macros;

/** A part of an argument: text as it is, or the value of an environment variable (its name, if there is no such variable). */
export type Piece = { readonly kind: "text"; readonly text: string } | { readonly kind: "variable"; readonly name: string };

/** A word of a command: a macro, or an argument put together of pieces. */
export type CommandWord =
  | { readonly kind: "macro"; readonly macro: Macro }
  | { readonly kind: "argument"; readonly pieces: readonly Piece[] };

/** What runs where a sweep has no command of its own. */
export const defaultCommand: readonly CommandWord[] = (["env", "interpreter", "program", "args"] as const).map((macro) => ({
  kind: "macro",
  macro,
}));

/** The words of a command. As at W&B, a macro counts where it is a whole word; `${envvar:NAME}` counts anywhere. */
export const command: Shape<readonly CommandWord[]> = list(
  { schema: { type: ["string", "number", "boolean"] }, read: readWord },
  "words of a command",
  { atLeast: 0 },
);

function readWord(node: Node, path: string, remarks: Remarks): CommandWord | undefined {
  if (node.kind === "list" || node.kind === "map" || node.kind === "null") {
    remarks.refuse(node.place, `${path} is ${found(node)}; wanted a word of the command, such as "\${program}" or --fast.`);
    return undefined;
  }
  const text = wordOf(node);
  const whole = /^\$\{([^{}]*)\}$/.exec(text)?.[1];
  if (whole !== undefined && !whole.startsWith("envvar:")) {
    if (isMacro(whole)) return { kind: "macro", macro: whole };
    const known = `${Object.keys(macros).join(", ")} and envvar:NAME`;
    const hint = didYouMean(whole, Object.keys(macros)).replace(/'(.*)'/, "'${$1}'");
    remarks.refuse(node.place, `${path} is \${${whole}}, which is no macro; wanted one of ${known} between \${ and }.${hint}`);
    return undefined;
  }
  const inside = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!).find(isMacro);
  if (inside !== undefined)
    remarks.warn(
      node.place,
      `${path} has \${${inside}} inside of a longer word, where it stays as it is; a macro is a word by itself.`,
    );
  const piecesOf = piecesIn(text);
  const misnamed = piecesOf.find((piece) => piece.kind === "variable" && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(piece.name));
  if (misnamed === undefined) return { kind: "argument", pieces: piecesOf };
  remarks.refuse(node.place, `${path} is ${found(node)}; wanted the name of an environment variable: \${envvar:NAME}.`);
  return undefined;
}

/** As Python prints the value: True, not true. */
function wordOf(node: Exclude<Node, { readonly kind: "list" | "map" | "null" }>): string {
  if (node.kind === "text") return node.value;
  if (node.kind === "boolean") return node.value ? "True" : "False";
  return node.kind === "integer" ? String(node.value) : node.source;
}

function piecesIn(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$\{envvar:([^{}]*)\}/g)) {
    if (match.index > end) pieces.push({ kind: "text", text: text.slice(end, match.index) });
    pieces.push({ kind: "variable", name: match[1]! });
    end = match.index + match[0].length;
  }
  if (end < text.length || pieces.length === 0) pieces.push({ kind: "text", text: text.slice(end) });
  return pieces;
}

function isMacro(name: string): name is Macro {
  return Object.hasOwn(macros, name);
}
