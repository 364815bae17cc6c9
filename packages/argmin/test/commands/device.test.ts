import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { argminProcess } from "../command.ts";

/** Elsewhere than on Linux no variable takes the adapter away. */
it.skipIf(process.platform !== "linux")(
  "--device webgpu without an adapter ends a search in one sentence, before any trial",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "argmin-device-"));
    try {
      const none = join(folder, "no-driver.json");
      const { code, stderr } = await argminProcess(["run", "mnist-2v7", "--trials", "2", "--device", "webgpu"], folder, {
        VK_DRIVER_FILES: none,
        VK_ICD_FILENAMES: none,
      });
      const said = stderr.split("\n").filter((line) => line.startsWith("argmin: ") || line.startsWith("Trial "));
      expect(said).toEqual([
        expect.stringMatching(
          /^argmin: The device webgpu cannot be used here \([^\n]+\); run on "cpu", or install the driver of the graphics processor \(on Linux, Vulkan\)\.$/,
        ),
      ]);
      expect(code).toBe(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
