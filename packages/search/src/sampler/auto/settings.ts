import type { JsonObject } from "@argmin/base";
import { gpSettings, gpSettingsFrom, type GpSettings } from "../gp/settings.ts";

export const autoSettings = gpSettings;

export type AutoSettings = GpSettings;

/** Settings that `completeSettings` has checked, with the types that it has checked them for. */
export function autoSettingsFrom(settings: JsonObject): AutoSettings {
  return gpSettingsFrom(settings);
}
