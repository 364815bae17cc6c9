import { corrupt } from "../corrupt.ts";
import type { LabelledImages } from "../labelled-images.ts";
import { findMnist, readMnistFile } from "./files.ts";
import { parseIdx } from "./idx.ts";

/** A data set with its standard split. */
export interface Mnist {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

export interface LoadMnistOptions {
  /** The folder that holds the official files, or a `mnist` folder with them. Without it: ARGMIN_DATA, then the npm package. */
  readonly dataFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const SIDE = 28;
const DIGITS = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;

/**
 * The handwritten digits of LeCun, Cortes and Burges: 60,000 training and 10,000 test images, `[count, 1, 28, 28]`.
 * Files are judged by their structure, so the same images in another order, or fewer of them, will do.
 *
 * @throws ArgminError `data/missing` with what to put where, or `data/corrupt` with the file and what is wrong with it.
 */
export async function loadMnist(options: LoadMnistOptions = {}): Promise<Mnist> {
  const files = await findMnist(options.dataFolder);
  const load = async (imageFile: string, labelFile: string): Promise<LabelledImages> => {
    const [images, labels] = await Promise.all([
      readMnistFile(imageFile, options.signal),
      readMnistFile(labelFile, options.signal),
    ]);
    return parseDigits({ bytes: images, file: imageFile }, { bytes: labels, file: labelFile });
  };
  const [train, test] = await Promise.all([load(files.trainImages, files.trainLabels), load(files.testImages, files.testLabels)]);
  return { train, test };
}

interface NamedBytes {
  readonly bytes: Uint8Array;
  readonly file: string;
}

/** Images and labels that belong together, from the bytes of their two IDX files. */
function parseDigits(imageFile: NamedBytes, labelFile: NamedBytes): LabelledImages {
  const images = parseIdx(imageFile.bytes, imageFile.file, 3);
  const labels = parseIdx(labelFile.bytes, labelFile.file, 1);
  const [count = 0, height = 0, width = 0] = images.shape;
  if (height !== SIDE || width !== SIDE) {
    throw corrupt(imageFile.file, `its images are ${height} x ${width} where MNIST's are ${SIDE} x ${SIDE}`);
  }
  if (count === 0) throw corrupt(imageFile.file, "it holds no images");
  if (labels.data.length !== count) {
    throw corrupt(labelFile.file, `it holds ${labels.data.length} labels where ${imageFile.file} holds ${count} images`);
  }
  const wrong = labels.data.findIndex((label) => label >= DIGITS.length);
  if (wrong !== -1) {
    throw corrupt(labelFile.file, `label ${wrong} is ${labels.data[wrong]} where a digit is 0 to ${DIGITS.length - 1}`);
  }
  return { images: images.data, labels: labels.data, count, height, width, channels: 1, classes: DIGITS };
}
