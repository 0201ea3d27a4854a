import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A file or folder that holds secrets belongs to another user. Its message is for the person who named it. */
export class NotOwner extends Error {
  override name = 'NotOwner';
}

/** Lets only their owner read and change the files that this process and its children create from now on. */
export const createFilesPrivately = (): void => void process.umask(0o077);

/**
 * Lets only its owner into a folder that is there. Nobody else reaches what lies in it from then on.
 * @throws NotOwner
 */
export const closeFolder = (folder: string): void => changeMode(folder, 0o700);

/**
 * Lets only their owner read and change what lies in a folder. Symbolic links are not followed: they lead elsewhere.
 * @throws NotOwner
 */
export const closeContents = (folder: string): void => {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found || found.isSymbolicLink()) continue;
    changeMode(path, found.isDirectory() ? 0o700 : found.mode & 0o700);
    if (found.isDirectory()) closeContents(path);
  }
};

const changeMode = (path: string, mode: number): void => {
  try {
    chmodSync(path, mode);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // Whoever made it has removed it meanwhile.
    if (code === 'ENOENT') return;
    if (code !== 'EPERM') throw cause;
    throw new NotOwner(
      `${path} belongs to another user. Make it yours with chown, or choose another folder with --data.`,
      { cause },
    );
  }
};
