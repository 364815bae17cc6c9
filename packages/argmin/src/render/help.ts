import { exitCodes } from "../exit-codes.ts";
import { besideOwn, type Brought, type Command, type Positional } from "../flags/command.ts";
import type { FlagTable } from "../flags/parse.ts";
import { renderTable } from "./table.ts";
import { wrap } from "./text.ts";

const width = 100;

/** `argmin --help`. */
export function renderOverview(commands: readonly Command[]): string {
  return sections(
    "argmin searches hyper-parameters and network architectures.",
    heading("Usage", ["argmin <command> [words] [flags]"]),
    heading(
      "Commands",
      pairs(commands.map(({ name, positionals, summary }) => [[name, ...positionals.map(placeholder)].join(" "), summary])),
    ),
    heading("Examples", pairs(commands.flatMap(({ examples }) => examples.slice(0, 1)))),
    heading("Exit codes", pairs(Object.values(exitCodes).map(({ code, meaning }) => [String(code).padStart(3), meaning]))),
    "'argmin <command> --help' tells more of one command; 'argmin --version' prints the version.",
  );
}

/** `argmin <command> --help`. */
export function renderCommandHelp(
  { name, positionals, summary, description, flags, examples }: Command,
  brought: Brought = { by: undefined, flags: {} },
): string {
  const usage = ["argmin", name, ...positionals.map(placeholder), "[flags]"].join(" ");
  const others = besideOwn(brought.flags, flags);
  const words = positionals.map((positional) => [placeholder(positional), positional.help] as const);
  return sections(
    `argmin ${name}: ${summary}`,
    heading("Usage", [usage]),
    description
      .split("\n\n")
      .map((paragraph) => wrap(paragraph, width).join("\n"))
      .join("\n\n"),
    ...(words.length === 0 ? [] : [heading("Words", pairs(words))]),
    heading("Flags", pairs([...flagLines(flags), ["--help", "print this"]])),
    ...(brought.by === undefined || Object.keys(others).length === 0
      ? []
      : [heading(`Flags of ${brought.by}`, pairs(flagLines(others)))]),
    heading("Examples", pairs(examples)),
  );
}

function flagLines(flags: FlagTable): readonly (readonly [string, string])[] {
  return Object.entries(flags).map(
    ([flag, { placeholder: value, help }]) => [value === undefined ? `--${flag}` : `--${flag} ${value}`, help] as const,
  );
}

function placeholder({ name, required, repeated }: Positional): string {
  return `${required ? `<${name}>` : `[${name}]`}${repeated ? "..." : ""}`;
}

function sections(...parts: readonly string[]): string {
  return parts.join("\n\n");
}

function heading(title: string, lines: readonly string[]): string {
  return [`${title}:`, ...lines.map((line) => `  ${line}`)].join("\n");
}

/** What is explained on the left, the explanation on the right. */
function pairs(rows: readonly (readonly [string, string])[]): readonly string[] {
  return renderTable([{ title: "" }, { title: "" }], rows).split("\n");
}
