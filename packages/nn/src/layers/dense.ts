import { ArgminError } from "@argmin/base";
import type { Shape } from "../graph/value.ts";
import { checkInitializer, type Fans, type Initializer } from "../initializers/initializer.ts";
import { checkActivation, type ActivationName } from "./activations.ts";
import { makeLayer, onlyInput, positiveInteger, type Layer, type LayerOptions, type WeightPlan } from "./layer.ts";
import { checkRegularizer, type Regularizer } from "./regularizer.ts";

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
  /** Default none. */
  readonly kernelRegularizer?: Regularizer;
  /** Default none. */
  readonly biasRegularizer?: Regularizer;
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
  const { useBias = true, activation = "linear" } = options;
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
      return {
        outputShape: [units],
        weights: kernelWeights(options, [size, units], fans, units),
        activation,
        dropoutRate: 0,
        cost: { multiplyAdds: size * units, others: useBias ? units : 0 },
        emit: ({ builder: { op }, weight }, [x]) =>
          useBias ? op.Gemm(x!, weight("kernel"), weight("bias")) : op.MatMul(x!, weight("kernel")),
      };
    },
  });
}

/** The kernel of a layer, and its bias of one number an output if it has one. */
export function kernelWeights(options: KernelOptions, shape: Shape, fans: Fans, outputs: number): readonly WeightPlan[] {
  const { useBias = true, kernelInitializer = "glorotUniform", biasInitializer = "zeros" } = options;
  const { kernelRegularizer, biasRegularizer } = options;
  const kernel = { key: "kernel", shape, initializer: kernelInitializer, fans };
  const bias = { key: "bias", shape: [outputs], initializer: biasInitializer, fans: { fanIn: outputs, fanOut: outputs } };
  return [
    { ...kernel, ...(kernelRegularizer && { regularizer: kernelRegularizer }) },
    ...(useBias ? [{ ...bias, ...(biasRegularizer && { regularizer: biasRegularizer }) }] : []),
  ];
}

/** @throws ArgminError `model/invalid` for an unknown activation or initializer, or a regularizer below 0. */
export function checkKernelOptions(options: KernelOptions, owner: string): void {
  if (options.activation !== undefined) checkActivation(options.activation, owner);
  if (options.kernelInitializer !== undefined) checkInitializer(options.kernelInitializer, owner);
  if (options.biasInitializer !== undefined) checkInitializer(options.biasInitializer, owner);
  for (const one of [options.kernelRegularizer, options.biasRegularizer]) if (one !== undefined) checkRegularizer(one, owner);
}
