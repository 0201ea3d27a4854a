import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type BuildOptions, type Plugin } from 'esbuild';

/** Matches how our code, except in comments, refers to the entry of a process (runtime/process-task.ts). */
const entryExpression = /(?<!^ *(?:\*|\/\/).*)new URL\('(\.[^']*-process\.ts)', import\.meta\.url\)/gm;

/** Replaces references to the entries of processes. `getUrl` returns the JavaScript expression of the URL for the path of an entry. */
export const placeProcesses = (getUrl: (source: string) => string | Promise<string>): Plugin => ({
  name: 'processes placed',
  setup: (bundling) =>
    bundling.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const found = [...text.matchAll(entryExpression)];
      if (found.length === 0 || path.includes('node_modules')) return undefined;
      const urls = await Promise.all(found.map(async ([, name]) => getUrl(join(dirname(path), name ?? ''))));
      return { contents: text.replaceAll(entryExpression, () => urls.shift() as string), loader: 'ts' };
    }),
});

/** A data URL has no path to require packages from; CommonJS packages in the bundle require only Node’s own modules. */
const withRequire = 'const require=process.getBuiltinModule;';

/** Replaces each reference to a process's entry with the bundled entry itself, for a bundle of one file. */
export const inlineProcesses = (options: Pick<BuildOptions, 'target' | 'minify'>): Plugin =>
  placeProcesses(async (source) => {
    const { outputFiles } = await build({
      ...options,
      entryPoints: [source],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      banner: { js: withRequire },
      // Otherwise, each line of a stack trace would contain the whole data URL.
      footer: { js: `//# sourceURL=${source.replace(/^.*\/|\.ts$/g, '')}.mjs` },
      logLevel: 'warning',
    });
    const contents = outputFiles[0]?.contents ?? new Uint8Array();
    return `new URL("data:text/javascript;base64,${Buffer.from(contents).toString('base64')}")`;
  });
