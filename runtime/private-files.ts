import { chmodSync, lstatSync, readdirSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { UserFacingError } from './user-facing-error.ts';

/** A file or folder with secrets belongs to another user. The message is for the person who chose the folder. */
export class NotOwnerError extends UserFacingError {
  override name = 'NotOwnerError';
}

/** Restricts files that this process and its children create from now on to their owner. */
export const restrictNewFiles = (): void => void process.umask(0o077);

/**
 * Restricts an existing folder to its owner. From then on, nobody else can reach its contents.
 * @throws NotOwnerError
 */
export const restrictFolder = (folder: string): void => {
  // The owner of a link decides where the files are.
  requireOwner(folder, lstatSync(folder));
  requireOwner(folder, statSync(folder));
  chmodSync(folder, 0o700);
};

/**
 * Restricts the contents of an already restricted folder to their owner. Symbolic links are not followed. Files, folders and links of
 * another user, from when the folder was open, are refused: they could contain keys that this user knows, and root could open all of
 * them.
 * @throws NotOwnerError
 */
export const restrictContents = (folder: string): void => {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) continue;
    requireOwner(path, found);
    if (found.isSymbolicLink()) continue;
    changeMode(path, found.isDirectory() ? 0o700 : found.mode & 0o700);
    if (found.isDirectory()) restrictContents(path);
  }
};

/**
 * Requires that a file or folder belongs to the user of this process. Checks nothing on Windows, which has no numeric user ids.
 * @throws NotOwnerError
 */
const requireOwner = (path: string, { uid }: Stats): void => {
  const own = process.getuid?.();
  if (own === undefined || own === uid) return;
  throw new NotOwnerError(
    `${path} belongs to another user. Make it yours with chown, remove it, or choose another folder with --data.`,
  );
};

const changeMode = (path: string, mode: number): void => {
  try {
    chmodSync(path, mode);
  } catch (cause) {
    // It was removed meanwhile.
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
};
