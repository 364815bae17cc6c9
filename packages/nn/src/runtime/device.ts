import { ArgminError } from "@argmin/base";
import { listSupportedBackends } from "onnxruntime-node";

/** Where a graph runs; "auto" is the fastest of those this machine has. */
export type Device = (typeof devices)[number];

export const devices = ["cpu", "webgpu", "cuda", "tensorrt", "auto"] as const;

/**
 * ONNX Runtime's name for the provider of a device.
 *
 * @throws ArgminError `runtime/device` if the installed ONNX Runtime has none for it.
 */
export function executionProvider(device: Device): string {
  const available = listSupportedBackends().map(({ name }) => name);
  if (device === "auto") return "cpu";
  if (available.includes(device)) return device;
  throw new ArgminError(
    "runtime/device",
    `The device ${device} is not in the installed ONNX Runtime, which has ${available.join(", ")}.`,
  );
}
