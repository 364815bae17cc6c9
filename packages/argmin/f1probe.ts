import { compileModel, optimizer } from "@argmin/nn";
import { fineAndCoarseNetwork } from "/work/main/packages/argmin/src/experiments/vooban-cifar100/network.ts";
import { points } from "/work/main/packages/argmin/src/experiments/vooban-cifar100/space.ts";
const small = { ...points.published, conv_hiddn_units_mult: 0.55, fc_units_1_mult: 0.55, nb_conv_pool_layers: 2, residual: 2, conv_dropout_drop_proba: 0, fc_dropout_drop_proba: 0 } as const;
const zero = { conv_dropout_drop_proba: 0, fc_dropout_drop_proba: 0 };
for (const [n, s] of Object.entries({ small, inc: { ...small, pooling_type: "inception" as const }, published: { ...points.published, ...zero }, demo: { ...points.demo, ...zero } })) {
  const net = fineAndCoarseNetwork(s, { classes: 100, coarseClasses: 20, heads: "softmax" });
  for (const o of ["sgd", "nadam"] as const) {
    const t0 = performance.now();
    const t = compileModel(net, { loss: { fine: "categoricalCrossentropy", coarse: "categoricalCrossentropy" }, optimizer: optimizer[o]() });
    const t1 = performance.now();
    const ex = { images: new Uint8Array(4 * 3072).map((_, i) => (i * 7919) % 251), labels: { fine: new Uint8Array([1, 2, 3, 4]), coarse: new Uint8Array([1, 2, 3, 4]) } };
    await t.fit(ex, { epochs: 1, batchSize: 4, shuffle: false });
    const t2 = performance.now();
    await t.fit(ex, { epochs: 2, batchSize: 4, shuffle: false });
    const t3 = performance.now();
    await t.predict({ images: ex.images });
    console.log(n, o, net.weightCount, "init", t1 - t0 | 0, "compile+1", t2 - t1 | 0, "2 more", t3 - t2 | 0, "predict", performance.now() - t3 | 0, JSON.stringify(t.records.at(-1)!.metrics.loss));
    await t.dispose();
  }
}
