import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type BuildOptions, type Plugin } from 'esbuild';

/** How code of ours, other than in a comment, names the entry of a process (runtime/worker-task.ts). */
const entryExpression = /(?<!^ *(?:\*|\/\/).*)new URL\('(\.[^']*-process\.ts)', import\.meta\.url\)/gm;

/** Replaces the names of processes' entries. `placeOf`: the JavaScript expression for the URL, given the path of the entry's source. */
export const processesPlaced = (placeOf: (source: string) => string | Promise<string>): Plugin => ({
  name: 'processes placed',
  setup: (bundling) =>
    bundling.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const found = [...text.matchAll(entryExpression)];
      if (found.length === 0 || path.includes('node_modules')) return undefined;
      const places = await Promise.all(
        found.map(async ([, name]) => placeOf(join(dirname(path), name ?? ''))),
      );
      return { contents: text.replaceAll(entryExpression, () => places.shift() as string), loader: 'ts' };
    }),
});

/** A data URL has no path from which a package could be required; packages in CommonJS require Node’s own modules alone. */
const withRequire = 'const require=process.getBuiltinModule;';

/** Puts each process's entry, bundled with all that it imports, in the place where it is named: for a bundle of one file. */
export const processesInlined = (options: Pick<BuildOptions, 'target' | 'minify'>): Plugin =>
  processesPlaced(async (source) => {
    const { outputFiles } = await build({
      ...options,
      entryPoints: [source],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      banner: { js: withRequire },
      // Without it, each line of a stack trace would be the whole data URL.
      footer: { js: `//# sourceURL=${source.replace(/^.*\/|\.ts$/g, '')}.mjs` },
      logLevel: 'warning',
    });
    const contents = outputFiles[0]?.contents ?? new Uint8Array();
    return `new URL("data:text/javascript;base64,${Buffer.from(contents).toString('base64')}")`;
  });
