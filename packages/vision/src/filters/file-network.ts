import { readModel, trainedNetworkOfOnnx, type TrainedNetwork } from "@argmin/nn";
import { pixelFormOf, type PixelForm } from "../image-model/interface.ts";
import { readImageMetadata } from "../image-model/metadata.ts";

/** The network of a file, and what is to be said of it. */
export interface FileNetwork {
  readonly network: TrainedNetwork;
  /** Sentences on what the file does not say of its pixels, and what is assumed instead. */
  readonly notes: readonly string[];
}

/**
 * The network of an .onnx file as one that takes pixels from 0 to 1, red first, whatever range and order the file says it wants.
 *
 * @param file - What messages call it.
 * @throws ArgminError as `trainedNetworkOfOnnx`, and `model/invalid` for pixels of a kind that is not known here.
 */
export function imageNetworkOfOnnx(bytes: Uint8Array, file: string): FileNetwork {
  const network = trainedNetworkOfOnnx(bytes, file);
  const [channels = 0, ...size] = network.inputShape;
  // Nobody asks what kind of pixels it wants that takes no images.
  if (size.length !== 2) return { network, notes: [] };
  const { metadata, producer } = readModel(bytes, file);
  const form = pixelFormOf({ channels, file, producer }, readImageMetadata(metadata, file));
  return { network: { ...network, emit: takingUsualPixels(network, form) }, notes: form.notes };
}

/** Pixels from 0 to 1 are scaled, shifted and turned round as the network wants them: by a convolution of 1 x 1. */
function takingUsualPixels({ emit }: TrainedNetwork, { divisor, offset, isReversed }: PixelForm): TrainedNetwork["emit"] {
  const factor = 255 / divisor;
  if (factor === 1 && offset === 0 && !isReversed) return emit;
  return (builder, pixels, layer) => {
    const channels = pixels.shape[1]!;
    const kernel = new Float32Array(channels ** 2);
    for (let to = 0; to < channels; to++) kernel[to * channels + (isReversed ? channels - 1 - to : to)] = factor;
    const wanted = builder.scope("pixels", () =>
      builder.op.Conv(
        pixels,
        builder.constant(kernel, { shape: [channels, channels, 1, 1] }),
        builder.constant(new Float32Array(channels).fill(offset)),
      ),
    );
    return emit(builder, wanted, layer);
  };
}
