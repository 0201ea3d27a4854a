import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { run } from '../../../.ci/verify/run.ts';

/** The image of a program of the cluster. No registry has it. */
const toReference = (program: string): string => `docker.io/local/${basename(program)}:test`;

export const pauseImage = toReference('pause');

/**
 * Packs a static program into an image that contains nothing else, in the format of `docker save`. Returns the path of the archive, which
 * is stored beside the program and used again.
 */
export const packProgram = async (program: string): Promise<string> => {
  const name = basename(program);
  const archive = join(dirname(program), '..', 'images', `${name}.tar`);
  if (existsSync(archive)) return archive;
  await mkdir(dirname(archive), { recursive: true });
  const draft = await mkdtemp(`${archive}.`);
  try {
    const layer = 'layer.tar';
    await tar(join(draft, layer), dirname(program), [name]);
    const digest = createHash('sha256')
      .update(await readFile(join(draft, layer)))
      .digest('hex');
    await writeFile(join(draft, 'config.json'), JSON.stringify(buildConfiguration(name, digest)));
    const manifest = [{ Config: 'config.json', RepoTags: [toReference(program)], Layers: [layer] }];
    await writeFile(join(draft, 'manifest.json'), JSON.stringify(manifest));
    await tar(join(draft, 'image.tar'), draft, ['manifest.json', 'config.json', layer]);
    await rename(join(draft, 'image.tar'), archive);
    return archive;
  } finally {
    await rm(draft, { recursive: true });
  }
};

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
const buildConfiguration = (name: string, digest: string): object => ({
  architecture: process.arch === 'x64' ? 'amd64' : process.arch,
  os: 'linux',
  config: { Entrypoint: [`/${name}`], Env: ['PATH=/'] },
  rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
});

const tar = async (archive: string, folder: string, names: readonly string[]): Promise<void> => {
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];
  const { code, output } = await run([
    'tar',
    '--create',
    `--file=${archive}`,
    ...owner,
    `--directory=${folder}`,
    ...names,
  ]);
  if (code !== 0) throw new Error(`tar exited with ${code}:\n${output}`);
};
