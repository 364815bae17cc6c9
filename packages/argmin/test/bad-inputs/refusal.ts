import { expect } from "vitest";
import type { Ended } from "../command.ts";

/** A refusal is one clear sentence on standard error, nothing on standard output, no stack trace, and the right exit code. */
export function expectRefusal({ code, stdout, stderr }: Ended, exit: number, sentence: RegExp | string): void {
  expect(stderr).toMatch(sentence);
  expect(stderr).toMatch(/^argmin: .+[.?!]\n$/);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe("");
  expect(code).toBe(exit);
}
