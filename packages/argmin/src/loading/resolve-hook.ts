import type { InitializeHook, ResolveFnOutput, ResolveHook, ResolveHookContext } from "node:module";

/**
 * How a user's file is found and read. Two things are different from Node's own rules: `argmin` and its packages resolve to the
 * copy that runs, wherever the file lies; and the file is an ES module, as is all TypeScript, with or without a package.json
 * that says so.
 */
export interface ResolveRules {
  /** Where to start looking from. */
  context(specifier: string, context: ResolveHookContext): ResolveHookContext;
  /** What was found, with the format it is to be read in. */
  found(specifier: string, context: ResolveHookContext, found: ResolveFnOutput): ResolveFnOutput;
}

/** @param parentUrl - The module that imports experiments, and from which this project's packages can be resolved. */
export function resolveRules(parentUrl: string): ResolveRules {
  return {
    context: (specifier, context) =>
      /^(?:argmin|@argmin\/[a-z]+)(?:\/|$)/.test(specifier) ? { ...context, parentURL: parentUrl } : context,
    found: (specifier, context, found) => {
      const isExperiment = context.parentURL === parentUrl && specifier.startsWith("file:");
      const isTypeScript = /\.ts(?:\?|$)/.test(found.url) && !found.url.includes("/node_modules/");
      return isExperiment || isTypeScript ? { ...found, format: "module" } : found;
    },
  };
}

/** The hooks below run in Node's loader thread, before tsx's own, and are told there where the program lies. */
let rules: ResolveRules | undefined;

export const initialize: InitializeHook<{ readonly parentUrl: string }> = ({ parentUrl }) => {
  rules = resolveRules(parentUrl);
};

export const resolve: ResolveHook = async (specifier, context, next) => {
  if (rules === undefined) return next(specifier, context);
  return rules.found(specifier, context, await next(specifier, rules.context(specifier, context)));
};
