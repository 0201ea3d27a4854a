import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');

/** The built command line, relative to the root of the repository: `bin` of `package.json`. */
export const cliFile = 'dist/coxswain.cjs';

/** Runs first, in syntax that any version of Node can read, as does all of the file. */
const checkNode = (needed: number, exitCode: number): string =>
  [
    '#!/usr/bin/env node',
    `if (Number(process.versions.node.split('.')[0]) < ${needed}) {`,
    `  console.error('Coxswain requires Node ${needed} or newer; this is Node ' + process.versions.node + '. Install it from https://nodejs.org, or run "npm ci" and "npx --no-install coxswain" in a clone, which has its own.');`,
    `  process.exit(${exitCode});`,
    '}',
    "var moduleUrl = require('url').pathToFileURL(__filename).href;",
  ].join('\n');

/** The local platform runs from the sources; see cli/in-clone.ts. */
const leaveOutPlatform: Plugin = {
  name: 'leave out the platform',
  setup: (bundling) =>
    bundling.onResolve({ filter: /\/commands\/(?:start|demo)\.ts$/ }, () => ({
      path: join(root, 'cli/in-clone.ts'),
    })),
};

/** Builds the command line as one file that needs only Node. */
export const buildCli = async (): Promise<void> => {
  await build({
    absWorkingDir: root,
    entryPoints: ['cli/coxswain.ts'],
    outfile: cliFile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // Not newer syntax, so that an old Node can read the file, and print what it needs.
    target: 'node16',
    minify: true,
    keepNames: true,
    plugins: [leaveOutPlatform],
    banner: { js: checkNode(24, 7) },
    define: { 'import.meta.url': 'moduleUrl', 'import.meta.dirname': '__dirname' },
    logLevel: 'warning',
    legalComments: 'none',
  });
  await chmod(join(root, cliFile), 0o755);
};
