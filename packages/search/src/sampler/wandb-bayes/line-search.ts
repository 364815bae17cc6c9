/** A place on a line: how far, the function's value there, and its slope. */
export type Place = { readonly step: number; readonly value: number; readonly slope: number };

/** A step must bring this part of what the slope promises, and leave at most this part of the slope. */
const sufficient = 1e-3;
const steepnessLeft = 0.9;
/** An interval that is so short, relative to its end, is not searched further. */
const shortest = 0.1;
const evaluationLimit = 20;

/**
 * A step along a line on which a function is sufficiently smaller and flatter: the search of J. J. Moré and D. J. Thuente ("Line search
 * algorithms with guaranteed sufficient decrease", 1994), with the tolerances that L-BFGS-B has.
 *
 * @param start - At step 0; its slope is negative.
 * @param largest - No step is longer; 1, which is tried first, or more.
 * @returns `undefined` if there is none after 20 evaluations.
 */
export function searchLine(f: (step: number) => Place, start: Place, largest: number): Place | undefined {
  const promised = sufficient * start.slope;
  // The best place so far, and the other end of the interval that holds a minimum once there is one.
  let best = start;
  let end = start;
  let isBracketed = false;
  let [width, widthBefore] = [largest, 2 * largest];
  let [low, high] = [0, 5];
  let step = 1;
  let isFirstStage = true;
  for (let evaluation = 0; evaluation < evaluationLimit; evaluation++) {
    const place = f(step);
    const wanted = start.value + step * promised;
    const isLower = place.value <= wanted;
    if (isLower && place.slope >= 0) isFirstStage = false;
    const isUsedUp = isBracketed && (step <= low || step >= high || high - low <= shortest * high);
    const isAtEnd = step === largest && isLower && place.slope <= promised;
    const isFlat = isLower && Math.abs(place.slope) <= steepnessLeft * -start.slope;
    if (isUsedUp || isAtEnd || isFlat) return place;
    // As long as nothing is low enough, the function less what is promised is searched: its minimum is.
    const tilt = isFirstStage && place.value <= best.value && !isLower ? promised : 0;
    const next = narrow({ best: tilted(best, tilt), end: tilted(end, tilt), isBracketed }, tilted(place, tilt), low, high);
    best = tilted(next.best, -tilt);
    end = tilted(next.end, -tilt);
    isBracketed = next.isBracketed;
    step = next.step;
    if (isBracketed) {
      const length = Math.abs(end.step - best.step);
      // An interval that hardly shrinks is halved.
      if (length >= 0.66 * widthBefore) step = best.step + 0.5 * (end.step - best.step);
      widthBefore = width;
      width = length;
      low = Math.min(best.step, end.step);
      high = Math.max(best.step, end.step);
    } else {
      low = step + 1.1 * (step - best.step);
      high = step + 4 * (step - best.step);
    }
    step = Math.min(Math.max(step, 0), largest);
    if (isBracketed && (step <= low || step >= high || high - low <= shortest * high)) step = best.step;
  }
  return undefined;
}

function tilted({ step, value, slope }: Place, tilt: number): Place {
  return { step, value: value - step * tilt, slope: slope - tilt };
}

type Interval = { readonly best: Place; readonly end: Place; readonly isBracketed: boolean };

/** The interval once a trial is known, and where to look next: by cubics and parabolas through what is known (their section 4). */
function narrow(
  { best, end, isBracketed }: Interval,
  trial: Place,
  low: number,
  high: number,
): Interval & { readonly step: number } {
  const isOpposite = Math.sign(trial.slope) !== Math.sign(best.slope) && trial.slope !== 0;
  const span = trial.step - best.step;
  if (trial.value > best.value) {
    // A minimum lies between: the cubic's, or half way from there to the parabola's that is nearer to the trial.
    const cubic = cubicMinimum(best, trial);
    const parabola = best.step + (best.slope / ((best.value - trial.value) / span + best.slope) / 2) * span;
    const isCubicNearer = Math.abs(cubic - best.step) < Math.abs(parabola - best.step);
    return { best, end: trial, isBracketed: true, step: isCubicNearer ? cubic : cubic + (parabola - cubic) / 2 };
  }
  const secant = trial.step + (trial.slope / (trial.slope - best.slope)) * (best.step - trial.step);
  if (isOpposite) {
    const cubic = cubicMinimum(trial, best);
    const isCubicFarther = Math.abs(cubic - trial.step) > Math.abs(secant - trial.step);
    return { best: trial, end: best, isBracketed: true, step: isCubicFarther ? cubic : secant };
  }
  if (Math.abs(trial.slope) < Math.abs(best.slope)) {
    // The cubic may have no minimum further on.
    const { minimum, root } = cubicAhead(best, trial);
    const cubic =
      minimum < 0 && root !== 0 ? trial.step + minimum * (best.step - trial.step) : trial.step > best.step ? high : low;
    const isCubicNearer = Math.abs(cubic - trial.step) < Math.abs(secant - trial.step);
    if (!isBracketed) {
      return { best: trial, end, isBracketed, step: Math.min(Math.max(isCubicNearer ? secant : cubic, low), high) };
    }
    const step = isCubicNearer ? cubic : secant;
    const limit = trial.step + 0.66 * (end.step - trial.step);
    return { best: trial, end, isBracketed, step: trial.step > best.step ? Math.min(limit, step) : Math.max(limit, step) };
  }
  const step = isBracketed ? cubicMinimum(trial, end) : trial.step > best.step ? high : low;
  return { best: trial, end, isBracketed, step };
}

/** Where the cubic through two places with their slopes is least. */
function cubicMinimum(from: Place, to: Place): number {
  const theta = (3 * (from.value - to.value)) / (to.step - from.step) + from.slope + to.slope;
  const scale = Math.max(Math.abs(theta), Math.abs(from.slope), Math.abs(to.slope));
  const size = scale * Math.sqrt(Math.max(0, (theta / scale) ** 2 - (from.slope / scale) * (to.slope / scale)));
  const root = to.step < from.step ? -size : size;
  return from.step + ((root - from.slope + theta) / (2 * root - from.slope + to.slope)) * (to.step - from.step);
}

/** The same seen from `to`, in parts of the way back to `from`: a negative one lies ahead. `root` is 0 if there is none. */
function cubicAhead(from: Place, to: Place): { readonly minimum: number; readonly root: number } {
  const theta = (3 * (from.value - to.value)) / (to.step - from.step) + from.slope + to.slope;
  const scale = Math.max(Math.abs(theta), Math.abs(from.slope), Math.abs(to.slope));
  const size = scale * Math.sqrt(Math.max(0, (theta / scale) ** 2 - (from.slope / scale) * (to.slope / scale)));
  const root = to.step > from.step ? -size : size;
  return { minimum: (root - to.slope + theta) / (root + (from.slope - to.slope) + root), root };
}
