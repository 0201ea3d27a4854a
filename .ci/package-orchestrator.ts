import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { zipSync, type ZipOptions } from 'fflate';
import * as v from 'valibot';
import { nodeBundle, orchestratorTarget } from './node-bundle.ts';

const bundleFile = 'orchestrator.mjs';

/** The same for every file, so that equal contents give equal archives. An archive holds local times without a zone. */
const zipOptions: ZipOptions = {
  level: 9,
  mtime: new Date(1980, 0, 1),
  os: 3,
  attrs: 0o100644 << 16,
};

/**
 * Packages the orchestrator for Azure Functions: `host.json`, `package.json` and the bundle, and nothing else. The same sources are the
 * same bytes on every machine; fflate compresses in JavaScript, because Node's own zlib differs between versions and processors.
 * @param root the folder of the sources
 */
export const packageOrchestrator = async (root: string): Promise<Uint8Array> => {
  const source = join(root, 'compute/orchestrator');
  const { outputFiles } = await build({
    ...nodeBundle(orchestratorTarget),
    absWorkingDir: root,
    entryPoints: [join(source, 'main.ts')],
    write: false,
  });
  const { version } = v.parse(
    v.object({ version: v.string() }),
    JSON.parse(await readFile(join(root, 'package.json'), 'utf8')),
  );
  // The worker imports `main`.
  const manifest = {
    name: 'coxswain-orchestrator',
    version,
    private: true,
    type: 'module',
    main: bundleFile,
  };
  return zipSync(
    {
      'host.json': await readFile(join(source, 'azure-functions/host.json')),
      'package.json': Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
      [bundleFile]: outputFiles[0]?.contents ?? new Uint8Array(),
    },
    zipOptions,
  );
};

/** Writes the package. */
export const writeOrchestratorPackage = async (root: string, file: string): Promise<void> => {
  const bytes = await packageOrchestrator(root);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
};
