/** One fenced block of a guide that a test runs. */
export type Snippet =
  | { readonly kind: "program"; readonly line: number; readonly code: string }
  | { readonly kind: "file"; readonly line: number; readonly name: string; readonly code: string }
  | {
      readonly kind: "commands";
      readonly line: number;
      readonly commands: readonly string[];
      /** What few machines have and these commands cannot do without: a test of their own runs them. */
      readonly needs?: string;
    };

/** Fences that show something instead of doing it: what a command prints, a picture of folders, the two commands that install the repository. */
const SHOWN = new Set(["text", "json", "install"]);

const FENCE = /^```(?<info>\S*)(?: file=(?<file>\S+))?(?: needs=(?<needs>\S+))?\n(?<code>[^]*?)^```$/gm;

/**
 * The executable blocks of a Markdown text, in order.
 *
 * `ts` is a program of its own, `ts file=NAME` (or any language with a file) writes a file that later blocks may use, `sh` holds commands, one a line;
 * `sh needs=torch` those that need torch.
 *
 * @throws Error for a fence of any other language: a block that nothing runs has to say so by its language.
 */
export function snippetsOf(markdown: string): readonly Snippet[] {
  const snippets: Snippet[] = [];
  for (const match of markdown.matchAll(FENCE)) {
    const { info = "", file, needs, code = "" } = match.groups ?? {};
    const line = markdown.slice(0, match.index).split("\n").length;
    if (file !== undefined) snippets.push({ kind: "file", line, name: file, code });
    else if (info === "ts") snippets.push({ kind: "program", line, code });
    else if (info === "sh")
      snippets.push({ kind: "commands", line, commands: commandsOf(code), ...(needs === undefined ? {} : { needs }) });
    else if (!SHOWN.has(info)) throw new Error(`line ${line}: a fence of language "${info}" is neither run nor shown`);
  }
  return snippets;
}

function commandsOf(code: string): readonly string[] {
  return code
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .map((command) => command.replace(/\s+#.*$/, "").trim())
    .filter((command) => command !== "" && !command.startsWith("#"));
}
