import { choleskyIfAny, invertLower, logDeterminant, minimizeInBox } from "@argmin/base";
import { covarianceMatrix } from "./covariances.ts";
import { kernelOf, placesOf } from "./kernel.ts";
import type { Layout, Point } from "./layout.ts";
import { logLikelihoodOf } from "./likelihood.ts";
import { hyperBoxOf, logPriorOf, type HyperBox } from "./priors.ts";
import { poles, targetsOf, type Outcomes, type Targets } from "./targets.ts";
import type { GpTuning } from "./tuning.ts";

/** What was learned of a history: the kernel's hyper-parameters, as logarithms, and the scale on which the objective is modelled. */
export type Fit = {
  readonly hyper: Float64Array;
  /** One of `poles`. */
  readonly pole: number;
};

/** Where the search for hyper-parameters begins: factors of the length scales' prior medians, and variances of the noise. */
const lengthStarts = [0.3, 1, 3] as const;
const noiseStarts = [1e-4, 1e-2] as const;

/**
 * The hyper-parameters of the greatest posterior density, given outcomes at points, and the scale of the objective under which the
 * data are likeliest.
 *
 * @remarks A coarse grid of starts is looked at under all scales, which share its covariances; from the best of them L-BFGS goes on
 *   along the gradient, a few steps from each and to the end from where those have led furthest. It depends on its arguments alone, there is no chance in it.
 */
export function fitTo(layout: Layout, points: readonly Point[], outcomes: Outcomes, tuning: GpTuning): Fit {
  const box = hyperBoxOf(layout, tuning);
  const logPrior = logPriorOf(layout, tuning);
  const scales = poles.map((pole) => ({ pole, targets: targetsOf(outcomes, pole) }));
  if (scales[0]!.targets.values.every((value) => value === 0)) return { hyper: box.start, pole: Infinity };
  const unused = new Float64Array(box.start.length);
  const starts = startsOf(layout, box).flatMap(({ hyper, factor }) => {
    const likelihoods = logLikelihoodsOf(
      layout,
      points,
      scales.map(({ targets }) => targets),
      hyper,
    );
    const prior = logPrior(hyper, unused);
    return scales.map(({ pole, targets }, s) => ({ hyper, factor, pole, targets, value: likelihoods[s]! + prior }));
  });
  const ordered = starts.toSorted((a, b) => b.value - a.value);
  const best = ordered[0]!;
  const { pole, targets } = best;
  const logLikelihood = logLikelihoodOf(layout, points, targets.values);
  const loss = (hyper: Float64Array, gradient: Float64Array): number => {
    const value = logLikelihood(hyper, gradient) + logPrior(hyper, gradient);
    for (let i = 0; i < gradient.length; i++) gradient[i] = -gradient[i]!;
    return -value;
  };
  const settings = { ...box, gradientTolerance: 1e-3, valueTolerance: 1e-4 };
  // The best of each factor: starts that differ in the noise alone mostly end in the same place.
  const chosen = lengthStarts.flatMap((factor) => ordered.find((start) => start.pole === pole && start.factor === factor) ?? []);
  const begun = chosen
    .toSorted((a, b) => b.value - a.value)
    .slice(0, tuning.fits)
    .map(({ hyper }) => minimizeInBox(loss, hyper, { ...settings, iterations: tuning.firstSteps }));
  const leader = begun.reduce((least, found) => (found.value < least.value ? found : least));
  const end = minimizeInBox(loss, leader.x, { ...settings, iterations: tuning.fitSteps - tuning.firstSteps });
  return { hyper: end.x, pole };
}

type Start = { readonly factor: number; readonly hyper: Float64Array };

function startsOf(layout: Layout, { start, lower, upper }: HyperBox): readonly Start[] {
  const places = placesOf(layout);
  return lengthStarts.flatMap((factor) =>
    noiseStarts.map((noise) => {
      const hyper = start.slice();
      for (let d = 0; d < layout.axes.length; d++) hyper[places.lengths + d]! += Math.log(factor);
      hyper[places.noise] = Math.log(noise);
      return { factor, hyper: hyper.map((value, i) => Math.min(Math.max(value, lower[i]!), upper[i]!)) };
    }),
  );
}

/** The log likelihood of the outcomes under each of some scales, for given hyper-parameters. */
function logLikelihoodsOf(
  layout: Layout,
  points: readonly Point[],
  scales: readonly Targets[],
  hyper: Float64Array,
): readonly number[] {
  const n = points.length;
  const factor = choleskyIfAny(covarianceMatrix(kernelOf(layout, hyper), points));
  if (factor === undefined) return scales.map(() => Number.NEGATIVE_INFINITY);
  const inverse = invertLower(factor).data;
  const determinant = logDeterminant(factor);
  return scales.map(({ values, logJacobian }) => {
    let misfit = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += inverse[i * n + j]! * values[j]!;
      misfit += sum * sum;
    }
    return -0.5 * (misfit + determinant + n * Math.log(2 * Math.PI)) + logJacobian;
  });
}
