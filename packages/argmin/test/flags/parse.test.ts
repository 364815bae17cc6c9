import { describe, expect, expectTypeOf, it } from "vitest";
import { flags } from "../../src/flags/flags.ts";
import { parseFlags, splitArguments } from "../../src/flags/parse.ts";

const table = { trials: flags.trials, seed: flags.seed, target: flags.target, json: flags.json, study: flags.study };

function read(...args: readonly string[]) {
  const raw = splitArguments(args, table, "run");
  return { words: raw.positionals, flags: parseFlags(raw, table) };
}

describe("a command line", () => {
  it("may have its flags anywhere, with a space or an equals sign", () => {
    expect(read("--trials", "20", "mine.ts", "--json", "--seed=3")).toEqual({
      words: ["mine.ts"],
      flags: { trials: 20, json: true, seed: 3 },
    });
  });

  it("ends its flags with --", () => {
    expect(read("--json", "--", "--odd-name")).toEqual({ words: ["--odd-name"], flags: { json: true } });
  });

  it("takes negative numbers as values", () => {
    expect(read("--target", "-0.5").flags).toEqual({ target: -0.5 });
    expect(read("--target=-0.5").flags).toEqual({ target: -0.5 });
  });

  it("gives each flag its own type", () => {
    expectTypeOf(read().flags).toEqualTypeOf<{
      readonly trials?: number;
      readonly seed?: number;
      readonly target?: number;
      readonly json?: boolean;
      readonly study?: string;
    }>();
  });

  it.each([
    [["--trails", "3"], "argmin run has no flag --trails. Did you mean '--trials'?"],
    [["--zzz"], "argmin run has no flag --zzz. 'argmin run --help' lists its flags."],
    [["-x"], "argmin run has no flag -x. 'argmin run --help' lists its flags."],
    [["--trials"], "--trials needs a value: --trials N."],
    [["--trials", "--json"], "--trials needs a value: --trials N."],
    [["--json=yes"], '--json is a switch and takes no value, but was given "yes".'],
    [["--seed", "1", "--seed", "2"], "--seed is given twice; give it once."],
    [["--__proto__", "1"], "argmin run has no flag --__proto__. 'argmin run --help' lists its flags."],
  ])("%j is refused: %s", (args, message) => {
    expect(() => read(...args)).toThrow(message);
  });
});
