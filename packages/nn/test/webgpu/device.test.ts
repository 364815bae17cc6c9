import { expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { isFastAdapter } from "../../src/runtime/adapter.ts";
import { executionProvider } from "../../src/runtime/device.ts";
import { DeviceTensor } from "../../src/runtime/device-tensor.ts";
import { createSession } from "../../src/runtime/session.ts";
import { wantsAdapter } from "./adapter.ts";

wantsAdapter();

const isSoftware = process.env["VK_DRIVER_FILES"]?.includes("swiftshader") ?? false;

it.runIf(isSoftware)("auto does not take a software driver, with a graphics device beside it or without", async () => {
  expect(await isFastAdapter()).toBe(false);
  expect(await executionProvider("auto")).not.toBe("webgpu");
});

it("keeps a tensor on the device from run to run and between sessions", async () => {
  const builder = new GraphBuilder("double");
  const x = builder.input("x", "float32", [3]);
  builder.output("next", builder.op.Mul(x, 2));
  builder.output("sum", builder.op.ReduceSum(x));
  const graph = builder.build();
  const keeping = await createSession(graph, { device: "webgpu", resident: new Set(["next"]) });
  const reading = await createSession(graph, { device: "webgpu" });
  const tensor = new DeviceTensor();
  const sum = new Float32Array(1);
  await keeping.bind({ x: Float32Array.of(1, 2, 3) }, { next: tensor, sum })();
  expect(sum[0]).toBe(6);
  const step = keeping.bind({ x: tensor }, { next: tensor, sum });
  await step();
  await step();
  expect(sum[0]).toBe(24);
  const next = new Float32Array(3);
  await reading.bind({ x: tensor }, { next })();
  expect([...next]).toEqual([16, 32, 48]);
  tensor.dispose();
  await expect(step()).rejects.toThrow("nothing was written to this tensor");
  await keeping.dispose();
  await reading.dispose();
});

it("wants a place on the device for each output that stays there, and for no other", async () => {
  const builder = new GraphBuilder("double");
  const x = builder.input("x", "float32", [3]);
  builder.output("next", builder.op.Mul(x, 2));
  builder.output("sum", builder.op.ReduceSum(x));
  const session = await createSession(builder.build(), { device: "webgpu", resident: new Set(["next"]) });
  const feeds = { x: new Float32Array(3) };
  for (const fetches of [
    { next: new Float32Array(3), sum: new Float32Array(1) },
    { next: new DeviceTensor() },
    { next: new DeviceTensor(), sum: new DeviceTensor() },
  ]) {
    expect(() => session.bind(feeds, fetches)).toThrow("double keeps next on its device, and no other output");
  }
  await session.dispose();
});
