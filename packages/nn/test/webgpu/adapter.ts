import { messageOf } from "@argmin/base";
import { beforeEach, vi } from "vitest";
import { executionProvider } from "../../src/runtime/device.ts";

/** Why WebGPU cannot be tested here; undefined if it can. Any adapter will do, a software driver's too. */
export const missing: string | undefined = await executionProvider("webgpu").then(() => undefined, messageOf);

if (missing !== undefined) process.stderr.write(`Tests of WebGPU are skipped. ${missing}\n`);

/** Skips the tests of a file where there is no adapter. A software driver takes seconds to compile the shaders of a network. */
export function wantsAdapter(): void {
  vi.setConfig({ testTimeout: 180_000 });
  beforeEach((context) => context.skip(missing !== undefined, missing));
}
