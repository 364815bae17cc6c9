export {
  elementText,
  escapeText,
  rotate,
  svg,
  translate,
  type FontAttributes,
  type PaintAttributes,
  type SvgContent,
  type SvgElement,
  type SvgTag,
  type TextAttributes,
} from "./element.ts";
export { numberText } from "./number-text.ts";
export { linePath, pathText, polygonPath, roundedLinePath, type PathCommand, type Point } from "./path.ts";
export { fontFamily, fontFiles, type FontWeight } from "./font/inter.ts";
export { capHeight, fit, measure, middleBaseline, widest, wrap, type TextStyle } from "./text.ts";
export { colourDistance, contrast, mixColours } from "./colour/oklab.ts";
export { evenColours } from "./colour/scale.ts";
export { darkTheme, diverging, lightTheme, scaleSteps, sequential, seriesColour, type Theme } from "./theme.ts";
export { adaptiveTheme, inTheme, themeStyle } from "./adaptive-theme.ts";
export { pictureText, writePicture, type Picture, type PictureFormat, type WritePictureOptions } from "./picture.ts";
export { toPng, type PngOptions } from "./png.ts";
