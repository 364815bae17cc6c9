import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { commands } from "../src/commands/table.ts";
import { exitCodes, exitOf } from "../src/exit-codes.ts";
import { ArgminError, errorCodes } from "@argmin/base";
import { argminHere, argminProcess } from "./command.ts";

const folder = tmpdir();

describe("help", () => {
  it("lists every command and every exit code", async () => {
    const { code, stdout, stderr } = await argminHere(["--help"], folder);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    for (const { name, summary } of commands) expect(stdout).toMatch(new RegExp(`^  ${name}\\b.*${summary}$`, "m"));
    for (const { code: number, meaning } of Object.values(exitCodes))
      expect(stdout).toMatch(new RegExp(`^ +${number} +${meaning}$`, "m"));
  });

  it("is what a command line without words gets, with the exit code of a mistake", async () => {
    const { stdout } = await argminHere(["--help"], folder);
    expect(await argminHere([], folder)).toEqual({ code: 2, stdout, stderr: "" });
  });

  it.each(commands.map(({ name }) => name))("of %s shows its flags and examples", async (name) => {
    const command = commands.find((candidate) => candidate.name === name)!;
    const { code, stdout } = await argminHere([name, "--help"], folder);
    expect(code).toBe(0);
    for (const flag of Object.keys(command.flags)) expect(stdout).toContain(`  --${flag}`);
    for (const [line] of command.examples) expect(stdout).toContain(line);
    expect(await argminHere(["help", name], folder)).toEqual({ code, stdout, stderr: "" });
  });

  it("has no line wider than a terminal may be", async () => {
    for (const { name } of commands) {
      const { stdout } = await argminHere([name, "--help"], folder);
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(140);
    }
  });

  it("shows examples that the parser takes", async () => {
    for (const { examples } of commands) {
      for (const [line] of examples) {
        const [program, name, ...args] = line.replace(/ > .*/, "").split(" ");
        expect(program).toBe("argmin");
        expect(commands.map((command) => command.name)).toContain(name);
        expect((await argminHere([name!, ...args, "--help"], folder)).code).toBe(0);
      }
    }
  });

  it("comes without loading what only other commands need", async () => {
    const preload = new URL("fixtures/print-native-modules.mjs", import.meta.url).href;
    const nativeModules = async (...args: readonly string[]): Promise<string> =>
      (await argminProcess(args, folder, { NODE_OPTIONS: `--import=${preload}` })).stderr;
    expect(await nativeModules("--help")).toBe("native modules: []\n");
    expect(await nativeModules("list")).toMatch(/onnxruntime/);
  });
});

describe("the version", () => {
  it("is the package's", async () => {
    const { version }: { version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(await argminHere(["--version"], folder)).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe("exit codes", () => {
  it("are all different", () => {
    const codes = Object.values(exitCodes).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it("exist for every error there is", () => {
    for (const code of errorCodes) expect(exitCodes[exitOf(new ArgminError(code, "x"))].code).toBeGreaterThan(0);
    expect(exitOf(new Error("not ours"))).toBe("failed");
    expect(exitOf(new ArgminError("trial/missing", "x"))).toBe("study");
    expect(exitOf(new ArgminError("trial/crashed", "x"))).toBe("failed");
  });
});
