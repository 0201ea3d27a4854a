import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createFolder, FolderError, toFolderError } from '../../runtime/create-folder.ts';
import { lockDataDir, type LockHandle } from '../../runtime/data-dir-lock.ts';
import { restrictContents, restrictFolder, restrictNewFiles } from '../../runtime/private-files.ts';

/** Returns the data folder that `--data` names, absolute. */
export const resolveDataFolder = (given: string | undefined): string => resolve(given ?? '.coxswain');

const remedy = 'Choose another folder with --data.';

/** The maximum length of the folder's path in bytes: SQLite opens no file whose path is longer than 512 bytes. */
const maxPathBytes = 400;

/**
 * Creates the data folder if it is missing, locks it for this process, and restricts it to its owner, because its files contain secrets.
 * @throws FolderError, DataDirInUseError, NotOwnerError
 */
export const openDataFolder = (folder: string): LockHandle => {
  const bytes = Buffer.byteLength(folder);
  if (bytes > maxPathBytes)
    throw new FolderError(
      `Cannot use this data folder: its path has ${bytes} bytes; at most ${maxPathBytes} are allowed. ${remedy}`,
    );
  restrictNewFiles();
  createFolder(folder, remedy);
  try {
    requireOwnContents(folder);
    restrictFolder(folder);
    const lock = lockDataDir(folder);
    try {
      restrictContents(folder);
      return lock;
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (cause) {
    throw toFolderError(folder, cause, remedy);
  }
};

/** A data folder has the first one from the first moment; earlier versions wrote the others first. */
const ownFiles = ['locks/owner', 'secrets.json', 'ports.json', 'github/github.db'];

/** Requires an empty folder or an earlier data folder: restricting somebody's home or `/tmp` to its owner would do harm. */
const requireOwnContents = (folder: string): void => {
  // The root of a file system has a folder lost+found.
  const names = readdirSync(folder).filter((name) => name !== 'lost+found');
  if (names.length === 0 || ownFiles.some((name) => existsSync(join(folder, name)))) return;
  throw new FolderError(
    `Cannot use the folder ${folder}: it contains files that are not Coxswain's, such as ${names[0]}. Choose a new or empty folder with --data.`,
  );
};
