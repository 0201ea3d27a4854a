import { build, stop } from 'esbuild';

/** What `action.yml` starts, by the path in the repository, and from what it is made. */
export const actionEntries = {
  'action/dist/main.mjs': 'action/main.ts',
  'action/dist/post.mjs': 'action/post.ts',
} as const;

/** A bundle of the Action: one file that needs nothing beside it but Node. The same source gives the same bytes. */
export const actionBundle = async (path: keyof typeof actionEntries): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [actionEntries[path]],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    keepNames: true,
    charset: 'utf8',
    legalComments: 'eof',
    logLevel: 'warning',
    // Packages in CommonJS call require() for Node's own modules.
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  await stop();
  const [file] = outputFiles;
  if (!file) throw new Error(`esbuild made nothing of ${actionEntries[path]}`);
  return file.text;
};
