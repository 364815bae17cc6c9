/** What the official distribution of a CIFAR set consists of. */
export interface CifarLayout {
  readonly name: string;
  /** The folder that the archive unpacks to. */
  readonly folder: string;
  readonly archive: string;
  readonly address: string;
  /** Of the official archive; only a download is held to it, since a local file may have another order of records, or fewer. */
  readonly sha256: string;
  readonly trainFiles: readonly string[];
  readonly testFile: string;
  /** Files of class names, one name a line, and how many they must have, in the order of a record's label bytes. */
  readonly labels: readonly LabelLayout[];
}

/** One label byte of a record. */
export interface LabelLayout {
  readonly file: string;
  readonly classes: number;
}

const fine: LabelLayout = { file: "fine_label_names.txt", classes: 100 };
const coarse: LabelLayout = { file: "coarse_label_names.txt", classes: 20 };

export const cifar100Layout: CifarLayout = {
  name: "CIFAR-100",
  folder: "cifar-100-binary",
  archive: "cifar-100-binary.tar.gz",
  address: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
  sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
  trainFiles: ["train.bin"],
  testFile: "test.bin",
  labels: [coarse, fine],
};

export const cifar10Layout: CifarLayout = {
  name: "CIFAR-10",
  folder: "cifar-10-batches-bin",
  archive: "cifar-10-binary.tar.gz",
  address: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
  sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
  trainFiles: ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"],
  testFile: "test_batch.bin",
  labels: [{ file: "batches.meta.txt", classes: 10 }],
};

/** The files a set cannot do without. */
export function filesOf(layout: CifarLayout): readonly string[] {
  return [...layout.trainFiles, layout.testFile, ...layout.labels.map(({ file }) => file)];
}
