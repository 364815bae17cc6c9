import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { GraphBuilder, createSession } from "@argmin/nn";

it("keeps ONNX Runtime from reporting its use", async () => {
  const builder = new GraphBuilder("quiet");
  builder.output("y", builder.op.Neg(builder.input("x", "float32", [1])));
  const session = await createSession(builder.build());
  await session.dispose();
  expect(process.env["ORT_DISABLE_TELEMETRY"]).toBe("1");
  expect(existsSync(join(tmpdir(), `mat-debug-${process.pid}.log`))).toBe(false);
});
