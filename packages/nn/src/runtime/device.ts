import "./quiet.ts";
import { ArgminError, messageOf } from "@argmin/base";
import { InferenceSession, env, listSupportedBackends } from "onnxruntime-node";
import { GraphBuilder } from "../graph/builder.ts";
import { targets, type Target } from "../graph/target.ts";
import { encodeModel } from "../onnx/encode.ts";
import { isGraphicsProcessor } from "./adapter.ts";

// What ONNX Runtime would print of a device that it cannot use is in the error too.
env.logLevel = "fatal";

/**
 * Where graphs can run; "auto" is CUDA where it is installed, else WebGPU where it runs on a graphics processor (never on a software
 * driver), else the CPU.
 */
export const devices = ["cpu", "webgpu", "cuda", "tensorrt", "auto"] as const;

export type Device = (typeof devices)[number];

/** ONNX Runtime's name for a device. */
export type Provider = Exclude<Device, "auto">;

/** What graphs for a device are written for. */
export function targetOf(provider: Provider): Target {
  return provider === "cpu" ? targets.cpu : targets.gpu;
}

/**
 * ONNX Runtime's execution provider for a device, proven by loading a model of one node.
 *
 * @throws ArgminError `runtime/device` if the device cannot be used here, with the reason.
 */
export async function executionProvider(device: Device): Promise<Provider> {
  if (device === "cpu") return "cpu";
  if (device === "auto") return fastest();
  const failure = await failureOf(device);
  if (failure === undefined) return device;
  throw new ArgminError("runtime/device", `The device ${device} cannot be used here (${failure}); ${waysOut[device]}.`);
}

/**
 * Tries a device out, so that work for it need not be begun in vain.
 *
 * @throws ArgminError `runtime/device` if it cannot be used here, with the reason.
 */
export async function checkDevice(device: Device): Promise<void> {
  await executionProvider(device);
}

const waysOut: { readonly [P in Exclude<Provider, "cpu">]: string } = {
  webgpu: 'run on "cpu", or install the driver of the graphics processor (on Linux, Vulkan)',
  cuda: 'run on "cpu", or install what the device needs',
  tensorrt: 'run on "cpu", or install what the device needs',
};

let found: Promise<Provider> | undefined;

/** The answer to "auto", looked for once a process. */
function fastest(): Promise<Provider> {
  found ??= find();
  return found;
}

async function find(): Promise<Provider> {
  if ((await failureOf("cuda")) === undefined) return "cuda";
  // Whatever goes wrong with an adapter that nobody asked for, there is the CPU.
  const isFast = await isGraphicsProcessor().catch(() => false);
  return isFast ? "webgpu" : "cpu";
}

const failures = new Map<string, Promise<string | undefined>>();

/** Why a provider does not work on this machine; undefined if it does. Tried once a process. */
function failureOf(provider: string): Promise<string | undefined> {
  const known = failures.get(provider) ?? tryOut(provider);
  failures.set(provider, known);
  return known;
}

async function tryOut(provider: string): Promise<string | undefined> {
  if (!listSupportedBackends().some(({ name }) => name === provider)) {
    return "the installed ONNX Runtime does not have it";
  }
  const builder = new GraphBuilder("trial");
  builder.output("y", builder.op.Neg(builder.input("x", "float32", [1])));
  try {
    const session = await InferenceSession.create(encodeModel(builder.build()), {
      executionProviders: [provider],
      logSeverityLevel: 4,
    });
    await session.release();
    return undefined;
  } catch (error) {
    return oneLine(messageOf(error));
  }
}

/** A message of ONNX Runtime without its line breaks, source positions, failed conditions and trailing stops. */
export function oneLine(message: string): string {
  return message
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\/onnxruntime_src\/\S+ /g, "")
    .replace(/^.* was false\. /, "")
    .replace(/[. ]+$/, "");
}
