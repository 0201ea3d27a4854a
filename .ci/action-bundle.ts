import { build, stop, type Plugin } from 'esbuild';

/** The Action's bundles by their path in the repository, and from what each is made. `action.yml` starts main and post. */
const entries = {
  'action/dist/main.mjs': 'action/main.ts',
  // Apart, so that a comment without a command does not load it: to read its code alone takes 30 ms.
  'action/dist/act.mjs': 'action/act.ts',
  'action/dist/post.mjs': 'action/post.ts',
} as const;

export const actionBundles = Object.keys(entries) as (keyof typeof entries)[];

const actIsApart: Plugin = {
  name: 'act is apart',
  setup: (bundling) =>
    bundling.onResolve({ filter: /^\.\/act\.ts$/ }, () => ({ path: './act.mjs', external: true })),
};

/** A bundle of the Action, which needs no packages. The same source gives the same bytes. */
export const actionBundle = async (path: keyof typeof entries): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [entries[path]],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    plugins: [actIsApart],
    alias: { undici: './action/undici.ts' },
    charset: 'utf8',
    legalComments: 'eof',
    logLevel: 'warning',
    // Packages in CommonJS call require() for Node's own modules.
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  await stop();
  const [file] = outputFiles;
  if (!file) throw new Error(`esbuild made nothing of ${entries[path]}`);
  return file.text;
};
