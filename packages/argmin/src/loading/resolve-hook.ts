import type { InitializeHook, ResolveHook } from "node:module";

/**
 * Runs in Node's loader thread, before tsx's own hooks. Two things are different for a user's file: `argmin` and its packages
 * resolve to the copy that runs, wherever the file lies; and it is an ES module, as is all TypeScript, with or
 * without a package.json that says so.
 */
let parentUrl: string | undefined;

export const initialize: InitializeHook<{ readonly parentUrl: string }> = (data) => {
  parentUrl = data.parentUrl;
};

export const resolve: ResolveHook = async (specifier, context, next) => {
  if (/^(?:argmin|@argmin\/[a-z]+)(?:\/|$)/.test(specifier)) return next(specifier, { ...context, parentURL: parentUrl });
  const found = await next(specifier, context);
  const isExperiment = context.parentURL === parentUrl && specifier.startsWith("file:");
  const isTypeScript = /\.ts(?:\?|$)/.test(found.url) && !found.url.includes("/node_modules/");
  return isExperiment || isTypeScript ? { ...found, format: "module" } : found;
};
