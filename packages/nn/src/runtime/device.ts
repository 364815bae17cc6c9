import "./quiet.ts";
import { ArgminError, messageOf } from "@argmin/base";
import { InferenceSession, listSupportedBackends } from "onnxruntime-node";
import { GraphBuilder } from "../graph/builder.ts";
import { encodeModel } from "../onnx/encode.ts";

/** Where graphs can run; "auto" is CUDA where it is installed, else the CPU. */
export const devices = ["cpu", "webgpu", "cuda", "tensorrt", "auto"] as const;

export type Device = (typeof devices)[number];

/**
 * ONNX Runtime's execution provider for a device, proven by running a model of one node.
 *
 * @throws ArgminError `runtime/device` if the device cannot be used here, with the reason.
 */
export async function executionProvider(device: Device): Promise<string> {
  if (device === "cpu") return "cpu";
  if (device === "auto") return (await failureOf("cuda")) === undefined ? "cuda" : "cpu";
  const failure = await failureOf(device);
  if (failure === undefined) return device;
  throw new ArgminError(
    "runtime/device",
    `The device ${device} cannot be used here (${failure}); run on "cpu", or install what the device needs.`,
  );
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

/** A message of ONNX Runtime without its line breaks, source positions and trailing stops. */
export function oneLine(message: string): string {
  return message
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\/onnxruntime_src\/\S+ /g, "")
    .replace(/[. ]+$/, "");
}
