import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from '../../runtime/async/clock.ts';
import { tryFileLock, type LockHandle } from '../../runtime/data-dir-lock.ts';
import { cacheFolder } from '../tools/cache-folder.ts';
import { openBuildah, type Buildah } from './buildah.ts';

/** The store of images in the cache. `folder`: the folder that contains it, with other files. */
export type ImageStore = { folder: string; buildah: Buildah };

/** Calls a function with the store of images, which no other process uses meanwhile. Removes the working containers of interrupted builds. */
export const withImageStore = async <T>(work: (store: ImageStore) => Promise<T>): Promise<T> => {
  const folder = join(cacheFolder(), 'images');
  await mkdir(folder, { recursive: true });
  const lock = await waitForFileLock(join(folder, 'lock'));
  try {
    const buildah = await openBuildah(folder);
    await buildah('rm', '--all');
    return await work({ folder, buildah });
  } finally {
    lock.release();
  }
};

const waitForFileLock = async (path: string): Promise<LockHandle> => {
  for (;;) {
    const lock = tryFileLock(path);
    if (lock) return lock;
    await sleep(500);
  }
};
