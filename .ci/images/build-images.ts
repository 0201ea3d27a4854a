import { createHash, type Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Buildah } from './buildah.ts';
import { withImageStore } from './image-store.ts';
import { withNpmMounts } from './npm-mounts.ts';
import { buildStandInBases, type Bases } from './stand-in-bases.ts';

/** The Dockerfiles of our images, by the last part of the image's name. */
export const dockerfiles = {
  orchestrator: 'compute/orchestrator/Dockerfile',
  worker: 'compute/worker/Dockerfile',
  bot: 'bot/Dockerfile',
  runner: 'compute/runner/Dockerfile',
} as const;

/** The images of programs that run all the time. `buildRunnerImage` builds that of the runner. */
export const imageNames = ['orchestrator', 'worker', 'bot'] as const;
export type ImageName = (typeof imageNames)[number];

/**
 * `reference`: a tag that depends on the contents alone, such as `docker.io/local/coxswain-bot:0123456789ab`. `archive`: the path of the
 * image's docker-archive.
 */
export type BuiltImage = { reference: string; archive: string };

export type BuiltImages = Record<ImageName, BuiltImage>;

/**
 * Builds our images with buildah on stand-in base images. Returns the existing images if nothing that they are built from has changed.
 * Runs one build at a time; an interrupted build leaves nothing that is used. See `findBuildObstacle` for the requirements.
 */
export const buildImages = async (): Promise<BuiltImages> => {
  const digest = await computeInputDigest();
  return withImageStore(async ({ folder, buildah }) => {
    const archives = join(folder, 'archives');
    await mkdir(archives, { recursive: true });
    const record = join(folder, `${digest}.json`);
    const existing = await readRecord(record);
    if (existing) return existing;
    const bases = await buildStandInBases(buildah);
    const images = await withNpmMounts(async (npmMounts) => {
      const build = (name: ImageName) => buildImage(name, { buildah, bases, npmMounts, archives });
      // In sequence, because the other images reuse the build stage of the first.
      return {
        orchestrator: await build('orchestrator'),
        worker: await build('worker'),
        bot: await build('bot'),
      };
    });
    await writeWhole(record, JSON.stringify(images));
    await removeOldFiles(folder, images);
    await removeOldLayers(buildah);
    return images;
  });
};

type Builder = { buildah: Buildah; bases: Bases; npmMounts: readonly string[]; archives: string };

/** Builds the image of one of our Dockerfiles. Returns its ID. */
export const buildDockerfile = (
  file: string,
  { buildah, bases, npmMounts }: Omit<Builder, 'archives'>,
): Promise<string> =>
  buildah(
    'build',
    '--layers',
    '--quiet',
    // The same contents have the same ID.
    '--timestamp=0',
    ...npmMounts,
    ...Object.entries(bases).map(([argument, base]) => `--build-arg=${argument}=${base}`),
    `--file=${file}`,
    '.',
  );

const buildImage = async (
  name: ImageName,
  { buildah, bases, npmMounts, archives }: Builder,
): Promise<BuiltImage> => {
  const id = await buildDockerfile(dockerfiles[name], { buildah, bases, npmMounts });
  const tag = id.slice(0, 12);
  const reference = `docker.io/local/coxswain-${name}:${tag}`;
  const archive = join(archives, `coxswain-${name}-${tag}.tar`);
  if (!existsSync(archive)) {
    const draft = `${archive}.draft`;
    await rm(draft, { force: true });
    await buildah('push', '--quiet', id, `docker-archive:${draft}:${reference}`);
    await rename(draft, archive);
  }
  return { reference, archive };
};

/** Returns the digest of everything that the images are built from. */
const computeInputDigest = async (): Promise<string> => {
  const hash = createHash('sha256');
  const context = (await readFile('.dockerignore', 'utf8')).matchAll(/^!(.+)$/gm);
  const own = ['.dockerignore', '.ci/images', ...Object.values(dockerfiles)];
  for (const path of [...own, ...[...context].map(([, path = '']) => path)]) await addToHash(hash, path);
  return hash.update(process.version).digest('hex').slice(0, 20);
};

const addToHash = async (hash: Hash, path: string): Promise<void> => {
  if ((await stat(path)).isDirectory())
    for (const name of (await readdir(path)).sort()) await addToHash(hash, join(path, name));
  else
    hash.update(
      JSON.stringify([
        path,
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      ]),
    );
};

/** Returns the images of an earlier build, if all archives still exist, and marks them as used. */
const readRecord = async (record: string): Promise<BuiltImages | undefined> => {
  if (!existsSync(record)) return undefined;
  const images = JSON.parse(await readFile(record, 'utf8')) as BuiltImages;
  const files = [record, ...Object.values(images).map(({ archive }) => archive)];
  if (!files.every(existsSync)) return undefined;
  const now = new Date();
  for (const file of files) await utimes(file, now, now);
  return images;
};

const writeWhole = async (file: string, text: string): Promise<void> => {
  await writeFile(`${file}.draft`, text);
  await rename(`${file}.draft`, file);
};

const maxAgeMilliseconds = 24 * 3_600_000;

/** Removes archives and records that were not used for a day. */
const removeOldFiles = async (folder: string, images: BuiltImages): Promise<void> => {
  const used = Object.values(images).map(({ archive }) => archive);
  const names = [
    ...(await readdir(folder)),
    ...(await readdir(join(folder, 'archives'))).map((name) => `archives/${name}`),
  ];
  for (const name of names.filter((name) => /\.(?:tar|json|draft)$/.test(name) && name !== 'policy.json')) {
    const path = join(folder, name);
    if (!used.includes(path) && Date.now() - (await stat(path)).mtimeMs > maxAgeMilliseconds) await rm(path);
  }
};

const maxStoredImages = 300;

/** Empties the image store when it has grown large: buildah keeps the layers of all builds. The next build starts from nothing. */
const removeOldLayers = async (buildah: Buildah): Promise<void> => {
  const stored = await buildah('images', '--all', '--quiet');
  if (stored.split('\n').length > maxStoredImages) await buildah('rmi', '--all', '--force');
};
