import { chmodSync, lstatSync, readdirSync, statSync, type Stats } from 'node:fs';
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
export const closeFolder = (folder: string): void => {
  // By a link, whoever made it says where the files are.
  requireOwner(folder, lstatSync(folder));
  requireOwner(folder, statSync(folder));
  chmodSync(folder, 0o700);
};

/**
 * Lets only their owner read and change what lies in a folder, which is closed already. Symbolic links are not followed: they lead
 * elsewhere. What another user has put there while it was open is refused, links among it: their files could hold keys that this user
 * knows, and root would be refused nothing by the system.
 * @throws NotOwner
 */
export const closeContents = (folder: string): void => {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) continue;
    requireOwner(path, found);
    if (found.isSymbolicLink()) continue;
    changeMode(path, found.isDirectory() ? 0o700 : found.mode & 0o700);
    if (found.isDirectory()) closeContents(path);
  }
};

/** Where users have numbers, that is, not on Windows. */
const requireOwner = (path: string, { uid }: Stats): void => {
  const own = process.getuid?.();
  if (own === undefined || own === uid) return;
  throw new NotOwner(
    `${path} belongs to another user. Make it yours with chown, remove it, or choose another folder with --data.`,
  );
};

const changeMode = (path: string, mode: number): void => {
  try {
    chmodSync(path, mode);
  } catch (cause) {
    // Whoever made it has removed it meanwhile.
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
};
