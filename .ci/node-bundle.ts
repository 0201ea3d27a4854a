import type { BuildOptions } from 'esbuild';
import { inlineProcesses } from './process-files.ts';

/** Returns the options of esbuild for programs that are one file each and need only Node. @param target the oldest Node, such as `node22` */
export const nodeBundle = (target: string) =>
  ({
    bundle: true,
    platform: 'node',
    format: 'esm',
    target,
    minify: true,
    keepNames: true,
    plugins: [inlineProcesses({ target, minify: true })],
    logLevel: 'warning',
    // The Functions host provides this module; it is not in a registry.
    external: ['@azure/functions-core'],
    // Packages in CommonJS call require() for Node's own modules.
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  }) satisfies BuildOptions;

/** The oldest Node that runs the orchestrator: Azure Functions offers some versions later than others. */
export const orchestratorTarget = 'node22';
