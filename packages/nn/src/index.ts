export { GraphBuilder, type ConstantData } from "./graph/builder.ts";
export type { Constant, Graph, GraphOutput, Node } from "./graph/graph.ts";
export type { Attributes, Inputs, OpType, Ops } from "./graph/op.ts";
export type { Operand, Operators, Padding, Pair, ReduceOptions } from "./graph/operators.ts";
export type { DataType, Shape, TensorData, TensorType, Value } from "./graph/value.ts";
export { simplify } from "./graph/rewrites/simplify.ts";
export { gradientsOf } from "./gradients/gradients-of.ts";
export { encodeModel, type EncodeOptions } from "./onnx/encode.ts";
export { readModel, type OnnxShape, type ReadConstant, type ReadModel, type ReadNode, type ReadValue } from "./onnx/read.ts";
export type { Forms } from "./graph/target.ts";
export { checkDevice, devices, type Device } from "./runtime/device.ts";
export { trainingEnvironment, type Environment } from "./runtime/process-environment.ts";
export { createSession, type Arrays, type BoundRun, type Session, type SessionOptions } from "./runtime/session.ts";
export {
  openNetwork,
  type FloatTensor,
  type OpenNetworkOptions,
  type SavedNetwork,
  type SavedValue,
} from "./runtime/saved-network.ts";
export type { Initializer, InitializerName } from "./initializers/initializer.ts";
export { input, type Layer, type LayerOptions, type SymbolicTensor } from "./layers/layer.ts";
export { activationNames, type ActivationName } from "./layers/activations.ts";
export type { BatchNormalizationOptions } from "./layers/batch-normalization.ts";
export type { Conv2dOptions } from "./layers/conv2d.ts";
export type { DenseOptions } from "./layers/dense.ts";
export type { NormalizationOptions, RescalingOptions } from "./layers/rescaling.ts";
export type { Pooling2dOptions } from "./layers/window.ts";
export { layer } from "./layers/layers.ts";
export {
  model,
  sequential,
  type AnyModel,
  type Model,
  type ModelCall,
  type ModelOptions,
  type ModelOutput,
  type ModelWeight,
} from "./layers/model.ts";
export { regularizer, type Regularizer } from "./layers/regularizer.ts";
export { lossNames, type LossName } from "./losses/losses.ts";
export { optimizer, type OptimizerKind, type OptimizerSettings } from "./optimizers/optimizer.ts";
export type { AugmentedBatch, Augmentation, TargetBlend } from "./training/augmentation.ts";
export {
  callback,
  type Callback,
  type Checkpoint,
  type BestCheckpointOptions,
  type CheckpointOptions,
  type EarlyStoppingOptions,
  type FitContext,
  type LastCheckpointOptions,
  type Majority,
  type NeverLearnedOptions,
  type StepRecord,
  type StopRequest,
  type TrainingControl,
  type Weights,
} from "./training/callbacks.ts";
export type { ExampleInputs, Examples, ExampleValues, Labels } from "./training/examples.ts";
export {
  schedule,
  type CosineScheduleOptions,
  type ExponentialScheduleOptions,
  type OneCycleScheduleOptions,
  type Schedule,
  type ScheduledAt,
  type ScheduledStep,
  type StepScheduleOptions,
  type WarmUpOptions,
} from "./training/schedules.ts";
export type { WeightAverage } from "./training/average.ts";
export type { GradientClipping } from "./training/clipping.ts";
export type { Loss, LossSettings, MetricName } from "./training/outputs.ts";
export type { CompileOptions, FitOptions, PassOptions, StepOptions } from "./training/options.ts";
export type { AccuracyMetric, EpochMetrics, EpochRecord, Evaluation, History, MonitoredMetric } from "./training/history.ts";
export { compileModel, type Predictions, type Trainer } from "./training/trainer.ts";
export { EventFile, type EventFileOptions } from "./tensorboard/event-file.ts";
export type { EarlierEvents } from "./tensorboard/earlier-events.ts";
export type {
  HparamInfo,
  HparamsExperiment,
  HparamValue,
  MetricInfo,
  NumberInterval,
  SessionEnd,
  SessionStart,
} from "./tensorboard/hparams.ts";
export type { TensorBoardOptions } from "./tensorboard/callback.ts";
export { encodePng, type Pixels, type PngImage } from "./tensorboard/png.ts";
export { compileResponses, type ResponseOptions, type Responses } from "./responses/responses.ts";
export { layerOf, trainedNetwork, type NetworkLayer, type TrainedNetwork } from "./responses/network.ts";
export { trainedNetworkOfOnnx } from "./responses/onnx-network.ts";
export { readWeights } from "./checkpoint/checkpoint.ts";
export { exportModel } from "./checkpoint/export.ts";
export { decodeSafetensors, encodeSafetensors, type StoredTensor, type StoredTensors } from "./checkpoint/safetensors.ts";
export {
  summarizeModel,
  type Flops,
  type LayerSummary,
  type MemoryEstimate,
  type ModelSummary,
  type SummaryOptions,
} from "./summary/summary.ts";
export { renderSummary } from "./summary/render.ts";
