import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserFacingError } from './user-facing-error.ts';

/** A folder that the user chose cannot be used. The message is one line for the terminal. */
export class FolderError extends UserFacingError {
  override name = 'FolderError';
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user is not allowed to write there',
  EEXIST: 'it, or a part of its path, is a file',
  ELOOP: 'its path has too many symbolic links',
  ENAMETOOLONG: 'its path, or a name in it, is too long',
  ENOENT: 'no folder can be created there',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'it, or a part of its path, is a file',
  EPERM: 'this user is not allowed to write there',
  EROFS: 'the file system is read-only',
};

/** Returns the error for a folder that cannot be used. @param remedy a sentence, such as `Choose another folder with --data.` */
export const toFolderError = (folder: string, cause: unknown, remedy: string): unknown => {
  const { code = '' } = cause as NodeJS.ErrnoException;
  const reason = reasons[code];
  if (reason === undefined) return cause;
  return new FolderError(`Cannot use the folder ${folder}: ${reason} (${code}). ${remedy}`, { cause });
};

/**
 * Creates a folder if it is missing, and the folders above it, and checks that this process can write to it.
 * @param folder an absolute path
 * @param remedy the sentence after the reason, such as `Choose another folder with --data.`
 * @throws FolderError
 */
export const createFolder = (folder: string, remedy: string): void => {
  try {
    createFolders(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw toFolderError(folder, cause, remedy);
  }
};

/**
 * Creates a folder if it is missing, and the folders above it. Node's own recursive `mkdir` never returns for a folder below `/proc`.
 * @throws the error of the file system
 */
export const createFolders = (folder: string, mode = 0o777): void => {
  if (isFolder(folder)) return;
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process can have created it meanwhile.
    if (isFolder(folder)) return;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || isFolder(dirname(folder))) throw error;
    createFolders(dirname(folder), mode);
    createFolders(folder, mode);
  }
};

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
