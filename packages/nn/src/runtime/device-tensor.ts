import type { Tensor } from "onnxruntime-node";

/**
 * Room for one tensor on a device: sessions there write into it and read from it, and nothing travels to the host and back.
 *
 * ONNX Runtime's Node binding gives each run new room for such outputs, so the tensor of the last run is freed when the next comes.
 */
export class DeviceTensor {
  #tensor: Tensor | undefined;

  /** What was written last. */
  get current(): Tensor {
    if (this.#tensor === undefined) throw new Error("internal: nothing was written to this tensor");
    return this.#tensor;
  }

  /** Takes what a run gave, in place of what was there. */
  replace(tensor: Tensor): void {
    this.dispose();
    this.#tensor = tensor;
  }

  dispose(): void {
    this.#tensor?.dispose();
    this.#tensor = undefined;
  }
}
