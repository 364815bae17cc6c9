/**
 * The intermediate-representation version that belongs to each operator set (ONNX's own table).
 *
 * ONNX Runtime 1.30 takes all of these; 21 is written because every operator used is in it and older programs read it.
 */
const irVersions = { 21: 10, 22: 10, 23: 11, 24: 12 } as const;

export const opset = 21 satisfies keyof typeof irVersions;
export const irVersion = irVersions[opset];
