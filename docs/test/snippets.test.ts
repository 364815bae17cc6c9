import { describe, expect, it } from "vitest";
import { snippetsOf } from "./snippets.ts";

describe("snippetsOf", () => {
  it("tells programs, files and commands apart and keeps their order", () => {
    const text =
      "# A\n\n```ts\nf();\n```\n\n```ts file=a.ts\ng();\n```\n\n```sh\nargmin list # all\n\nargmin run \\\n  a.ts\n```\n";
    expect(snippetsOf(text)).toEqual([
      { kind: "program", line: 3, code: "f();\n" },
      { kind: "file", line: 7, name: "a.ts", code: "g();\n" },
      { kind: "commands", line: 11, commands: ["argmin list", "argmin run a.ts"] },
    ]);
  });

  it("keeps what commands need", () => {
    expect(snippetsOf("```sh needs=torch\nargmin agent a\n```\n")).toEqual([
      { kind: "commands", line: 1, commands: ["argmin agent a"], needs: "torch" },
    ]);
  });

  it("passes over blocks that only show", () => {
    expect(snippetsOf("```text\nhello\n```\n")).toEqual([]);
  });

  it("refuses a block that nobody would run", () => {
    expect(() => snippetsOf("a\n\n```py\nf()\n```\n")).toThrow('line 3: a fence of language "py"');
  });
});
