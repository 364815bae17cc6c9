import { describe, expect, it } from "vitest";
import { defineCommand, type CommandInput } from "../../src/flags/command.ts";
import { choiceFlag, integerFlag } from "../../src/flags/values.ts";
import { renderCommandHelp } from "../../src/render/help.ts";
import type { Terminal } from "../../src/terminal.ts";

const table = { level: choiceFlag(["full", "compact"], { placeholder: "LEVEL", help: "how much of it" }) };

const brought = {
  by: "mine",
  flags: {
    level: integerFlag({ placeholder: "N", help: "how hard it is" }),
    depth: integerFlag({ placeholder: "N", help: "how deep it is" }),
  },
};

const terminal: Terminal = {
  folder: ".",
  environment: {},
  nodeFlags: [],
  print: () => undefined,
  messages: { write: () => undefined, live: false, coloured: false, columns: () => 80 },
  ask: () => Promise.resolve(undefined),
  onStop: () => () => undefined,
};

function look(): { readonly command: ReturnType<typeof defineCommand>; readonly seen: CommandInput<typeof table>[] } {
  const seen: CommandInput<typeof table>[] = [];
  const command = defineCommand<typeof table>({
    name: "look",
    summary: "looks",
    description: "It looks.",
    positionals: [{ name: "experiment", help: "a file", required: true }],
    flags: table,
    brings: () => Promise.resolve(brought),
    examples: [],
    load: () =>
      Promise.resolve((input) => {
        seen.push(input);
        return Promise.resolve("ok");
      }),
  });
  return { command, seen };
}

describe("a command and an experiment with a flag of the same name", () => {
  it("leave it to the command, and give the experiment all others", async () => {
    const { command, seen } = look();
    await command.run(["mine.ts", "--depth", "3", "--level", "compact"], terminal);
    expect(seen).toEqual([{ words: ["mine.ts"], flags: { level: "compact" }, options: { depth: 3 } }]);
  });

  it("have it once in their help", () => {
    const help = renderCommandHelp(look().command, brought);
    expect(help.match(/--level \w+/g)).toEqual(["--level LEVEL"]);
    expect(help).toMatch(/Flags of mine:\n +--depth N +how deep it is/);
  });
});
