import { join, relative } from 'node:path';
import { build, stop, type BuildResult, type Plugin } from 'esbuild';
import { placeProcesses } from './process-files.ts';

const root = join(import.meta.dirname, '..');

/**
 * The files of action/dist by name, with their sources. `action.yml` starts main and post; dynamic imports load the others when they
 * are needed. See docs/decisions/16-action-bundle.md.
 */
const bundleSources = {
  main: 'action/main.ts',
  'run-step': 'action/run-step.ts',
  'run-mode': 'action/run-mode.ts',
  github: '@actions/github',
  entra: 'action/orchestrator/entra.ts',
  'second-reader': 'action/comment/second-reader-process.ts',
  post: 'action/post.ts',
} as const;
type Name = keyof typeof bundleSources;

/** The files that are built together. These two share the file `shared`, because one catches errors of classes that the other throws. */
const builtTogether: readonly (readonly Name[])[] = [
  ['main'],
  ['run-step', 'run-mode'],
  ['github'],
  ['entra'],
  ['second-reader'],
  ['post'],
];
const shared = 'shared';

/** Every file of the bundle, by its path in the repository. */
export const actionBundleFiles = [...Object.keys(bundleSources), shared].map(
  (name) => `action/dist/${name}.mjs`,
);

/** Returns the file that is built from a source; undefined if there is none. */
const findName = (source: string): Name | undefined =>
  (Object.keys(bundleSources) as Name[]).find((name) => bundleSources[name] === source);

/** The entry of a child process is also a separate file, which is read when the process starts. */
const separateProcesses = placeProcesses((path) => {
  const source = relative(root, path);
  const name = findName(source);
  if (name === undefined)
    throw new Error(`${source} is a process's entry: add it to ${import.meta.filename}`);
  return `new URL('./${name}.mjs', import.meta.url)`;
});

const separateDynamicImports: Plugin = {
  name: 'separate dynamic imports',
  setup: (bundling) =>
    bundling.onResolve({ filter: /^/ }, ({ kind, path, importer, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const source = path.startsWith('.') ? relative(root, join(resolveDir, path)) : path;
      const name = findName(source);
      if (name !== undefined) return { path: `./${name}.mjs`, external: true };
      // Dynamic imports of packages are bundled with them.
      if (importer.includes('node_modules')) return undefined;
      return {
        errors: [{ text: `${source} is loaded by a dynamic import: add it to ${import.meta.filename}` }],
      };
    }),
};

const shimmedPackages =
  /^(?:undici|lru-cache|@actions\/http-client(?:\/lib\/auth)?|@octokit\/plugin-rest-endpoint-methods|entities|linkify-it|mdurl|punycode\.js)$/;

const shimPackages: Plugin = {
  name: 'shim packages',
  setup: (bundling) =>
    bundling.onResolve({ filter: shimmedPackages }, () => ({
      path: join(root, 'action/bundle-shims.ts'),
      sideEffects: false,
    })),
};

const bundle = (names: readonly Name[]) =>
  build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(names.map((name) => [name, bundleSources[name]])),
    outdir: 'action/dist',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    metafile: true,
    splitting: names.length > 1,
    chunkNames: shared,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    plugins: [separateDynamicImports, shimPackages, separateProcesses],
    charset: 'utf8',
    legalComments: 'eof',
    logLevel: 'warning',
  });

/** Packages in CommonJS call require() for Node's own modules. */
const withRequire = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);\n";

const toFiles = ({
  outputFiles,
  metafile,
}: BuildResult<{ write: false; metafile: true }>): [string, string][] => {
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const before = imports.some(({ kind }) => kind === 'require-call') ? withRequire : '';
  return outputFiles.map(({ path, text }) => [relative(root, path), before + text]);
};

const buildAll = async (): Promise<Map<string, string>> => {
  const results = await Promise.all(builtTogether.map(bundle));
  await stop();
  return new Map(results.flatMap(toFiles));
};

let allFiles: ReturnType<typeof buildAll> | undefined;

/** Returns a file of the Action's bundle, which needs no packages. The same source gives the same bytes. */
export const buildActionFile = async (path: string): Promise<string> => {
  allFiles ??= buildAll();
  const text = (await allFiles).get(path);
  if (text === undefined) throw new Error(`esbuild did not create ${path}`);
  return text;
};
