import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { buildCli, cliFile } from './cli-bundle.ts';

const root = join(import.meta.dirname, '..');

const Manifest = v.object({
  name: v.string(),
  version: v.string(),
  description: v.string(),
  license: v.string(),
  bin: v.record(v.string(), v.string()),
});
const Packed = v.tuple([v.object({ filename: v.string() })]);

/**
 * Packs the command line for a release: one JavaScript file without dependencies, its manual and the license.
 * @param version by default, the version of package.json
 * @returns the path of the tarball in `folder`
 */
export const packCli = async (folder: string, version?: string): Promise<string> => {
  await buildCli();
  const manifest = v.parse(Manifest, JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const staging = await mkdtemp(join(tmpdir(), 'coxswain-pack-'));
  try {
    await mkdir(join(staging, 'dist'));
    await cp(join(root, cliFile), join(staging, cliFile));
    await cp(join(root, 'docs/cli.md'), join(staging, 'README.md'));
    await cp(join(root, 'LICENSE'), join(staging, 'LICENSE'));
    const published = {
      ...manifest,
      version: version ?? manifest.version,
      files: [cliFile],
      engines: { node: '>=24' },
    };
    await writeFile(join(staging, 'package.json'), JSON.stringify(published, null, 2));
    await mkdir(folder, { recursive: true });
    const args = ['pack', '--json', '--pack-destination', resolve(folder)];
    const { stdout } = await promisify(execFile)('npm', args, { cwd: staging });
    const [{ filename }] = v.parse(Packed, JSON.parse(stdout));
    return join(folder, filename);
  } finally {
    await rm(staging, { recursive: true });
  }
};
