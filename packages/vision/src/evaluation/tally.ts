import { ArgminError } from "@argmin/base";

/** How often a network that is so sure is right: images whose likeliest class has a share in this range. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly images: number;
  /** The mean share of the likeliest class; undefined without images, as the accuracy is. */
  readonly confidence: number | undefined;
  readonly accuracy: number | undefined;
}

/** How well a network tells classes apart. */
export interface ClassificationScores {
  readonly images: number;
  /** Shares of the images: of those whose likeliest class is theirs, and of those whose class is among the five likeliest. */
  readonly accuracy: number;
  /** Undefined where there are no more than five classes. */
  readonly topFiveAccuracy: number | undefined;
  readonly classes: readonly ClassScores[];
  /** `[class of the image, class that the network says]`, row-major: how many images. */
  readonly confusion: Uint32Array;
  readonly calibration: {
    /** The expected calibration error: the mean distance of confidence and accuracy, over the images. */
    readonly error: number;
    readonly bins: readonly CalibrationBin[];
  };
}

/** How well one class is told from the others; an accuracy without images is undefined. */
export interface ClassScores {
  readonly images: number;
  readonly right: number;
  /** The share of the class's images that are named so (recall). */
  readonly accuracy: number | undefined;
  /** The share of the images named so that are of the class. */
  readonly precision: number | undefined;
}

/** As many as Guo et al. (2017) take. */
const binCount = 15;
const five = 5;

/** Counts what a network says of labelled images, batch by batch. */
export class ClassificationTally {
  readonly #units: number;
  readonly #confusion: Uint32Array;
  readonly #bins = Array.from({ length: binCount }, () => ({ images: 0, confidence: 0, right: 0 }));
  #images = 0;
  #amongFive = 0;

  /** @param units - How many classes. */
  constructor(units: number) {
    this.#units = units;
    this.#confusion = new Uint32Array(units * units);
  }

  /**
   * Counts images in. Of equal shares the first class is the likeliest.
   *
   * @param shares - What the network gives the classes, `[image, class]`.
   * @param labels - The class of each image.
   * @throws ArgminError `model/invalid` if the network gave something that is no number.
   */
  add(shares: Float32Array, labels: ArrayLike<number>): void {
    const units = this.#units;
    for (let image = 0; image < labels.length; image++) {
      const start = image * units;
      const label = labels[image]!;
      const own = shares[start + label]!;
      let guess = 0;
      let before = 0;
      for (let i = 0; i < units; i++) {
        const share = shares[start + i]!;
        if (Number.isNaN(share))
          throw new ArgminError("model/invalid", `The network gives image ${this.#images} something that is no number (NaN).`);
        if (share > shares[start + guess]!) guess = i;
        if (share > own || (share === own && i < label)) before += 1;
      }
      this.#images += 1;
      if (before < five) this.#amongFive += 1;
      this.#confusion[label * units + guess]! += 1;
      const confidence = shares[start + guess]!;
      const bin = this.#bins[Math.min(binCount - 1, Math.max(0, Math.ceil(confidence * binCount) - 1))]!;
      bin.images += 1;
      bin.confidence += confidence;
      if (guess === label) bin.right += 1;
    }
  }

  /** What the images so far say. */
  scores(): ClassificationScores {
    const units = this.#units;
    const confusion = this.#confusion.slice();
    const classes = Array.from({ length: units }, (_, one): ClassScores => {
      let [images, named] = [0, 0];
      for (let other = 0; other < units; other++) {
        images += confusion[one * units + other]!;
        named += confusion[other * units + one]!;
      }
      const right = confusion[one * units + one]!;
      return { images, right, accuracy: share(right, images), precision: share(right, named) };
    });
    const images = this.#images;
    const right = classes.reduce((sum, each) => sum + each.right, 0);
    return {
      images,
      accuracy: share(right, images) ?? 0,
      topFiveAccuracy: units > five ? share(this.#amongFive, images) : undefined,
      classes,
      confusion,
      calibration: {
        error:
          share(
            this.#bins.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0),
            images,
          ) ?? 0,
        bins: this.#bins.map((bin, i) => ({
          from: i / binCount,
          to: (i + 1) / binCount,
          images: bin.images,
          confidence: share(bin.confidence, bin.images),
          accuracy: share(bin.right, bin.images),
        })),
      },
    };
  }
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
