import type { PictureFormat } from "@argmin/pictures";

/** What `--format` of a command that draws means. */
export const pictureFormats: { readonly [F in PictureFormat | "both"]: readonly PictureFormat[] } = {
  svg: ["svg"],
  png: ["png"],
  both: ["svg", "png"],
};
