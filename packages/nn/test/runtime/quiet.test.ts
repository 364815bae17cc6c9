import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);

/** A program that computes with a network, as a user's does. */
const program = `
  import { GraphBuilder, createSession } from "@argmin/nn";
  const builder = new GraphBuilder("quiet");
  builder.output("y", builder.op.Neg(builder.input("x", "float32", [1])));
  const session = await createSession(builder.build());
  await session.dispose();
  console.log(process.env["ORT_DISABLE_TELEMETRY"]);
`;

it("keeps ONNX Runtime from reporting its use, and from leaving its notes about that in the temporary folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "argmin-test-"));
  try {
    const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: import.meta.dirname,
      env: { ...env, TMPDIR: folder },
    });
    expect(stdout).toBe("1\n");
    expect(await readdir(folder)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
