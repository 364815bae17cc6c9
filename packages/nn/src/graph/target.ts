/** What a graph is written for. Gradient rules and rewrites read it from their builder. */
export interface Target {
  /** "all": ONNX Runtime's CPU operators; "portable": without `MaxPool`'s indices and `MaxUnpool`, which GPUs lack. */
  readonly operators: "all" | "portable";
  readonly forms: Forms;
}

/**
 * How convolutions and pools are written: "lowered" to the operators that train them fastest on a CPU, or "plain", as ONNX's
 * operators for them.
 */
export type Forms = (typeof formNames)[number];

export const formNames = ["lowered", "plain"] as const;

/** For the CPU, and for what has other operators. Nothing was measured on a GPU: the plain forms there are those its makers tune. */
export const targets = {
  cpu: { operators: "all", forms: "lowered" },
  gpu: { operators: "portable", forms: "plain" },
} as const satisfies Readonly<Record<string, Target>>;
