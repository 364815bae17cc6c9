import { ArgminError } from "@argmin/base";
import { checkInitializer, type Initializer } from "../initializers/initializer.ts";
import { checkActivation, type ActivationName } from "./activations.ts";
import { makeLayer, onlyInput, positiveInteger, type Layer, type LayerOptions } from "./layer.ts";

/** Settings of layers that have a kernel, with Keras's defaults. */
export interface KernelOptions extends LayerOptions {
  /** Default `linear`. */
  readonly activation?: ActivationName;
  /** Default true. */
  readonly useBias?: boolean;
  /** Default `glorotUniform`. */
  readonly kernelInitializer?: Initializer;
  /** Default `zeros`. */
  readonly biasInitializer?: Initializer;
}

export interface DenseOptions extends KernelOptions {
  readonly units: number;
}

/**
 * Every input to every unit: `activation(x · kernel + bias)`, kernel `[input, unit]`, from `[input]` to `[unit]`.
 *
 * @throws ArgminError `model/invalid` if a setting makes no sense, or on images that were not flattened.
 */
export function dense(options: DenseOptions): Layer {
  const { useBias = true, activation = "linear", kernelInitializer = "glorotUniform", biasInitializer = "zeros" } = options;
  const units = positiveInteger(options.units, "The units of a dense layer");
  checkKernelOptions(options, "A dense layer");
  return makeLayer({
    kind: "dense",
    name: options.name,
    plan: (inputs) => {
      const shape = onlyInput(inputs);
      const [size, ...rest] = shape;
      if (size === undefined || rest.length > 0) {
        throw new ArgminError(
          "model/invalid",
          `wants a list of features, not [${shape.join(", ")}]; put a flatten layer before it.`,
        );
      }
      const fans = { fanIn: size, fanOut: units };
      const kernel = { key: "kernel", shape: [size, units], initializer: kernelInitializer, fans };
      const bias = { key: "bias", shape: [units], initializer: biasInitializer, fans: { fanIn: units, fanOut: units } };
      return {
        outputShape: [units],
        weights: useBias ? [kernel, bias] : [kernel],
        activation,
        dropoutRate: 0,
        cost: { multiplyAdds: size * units, others: useBias ? units : 0 },
        emit: ({ builder: { op }, weight }, [x]) =>
          useBias ? op.Gemm(x!, weight("kernel"), weight("bias")) : op.MatMul(x!, weight("kernel")),
      };
    },
  });
}

/** @throws ArgminError `model/invalid` for an unknown activation or initializer. */
export function checkKernelOptions(options: KernelOptions, owner: string): void {
  if (options.activation !== undefined) checkActivation(options.activation, owner);
  if (options.kernelInitializer !== undefined) checkInitializer(options.kernelInitializer, owner);
  if (options.biasInitializer !== undefined) checkInitializer(options.biasInitializer, owner);
}
