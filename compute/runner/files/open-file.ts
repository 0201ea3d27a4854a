import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { OmissionReason } from '../../../contracts/task-files.ts';
import type { ProgramUser } from '../../../runtime/program-user.ts';

/** A file that is open for reading. */
export type OpenFile = { handle: FileHandle; bytes: number };

/**
 * Opens a file of a program's directory, which the program may be changing. Never opens the target of a link, and never waits for a
 * FIFO.
 * @param user the program's user. A file of another user can only be a hard link, because nobody else can write to the directory
 * @returns why it cannot be delivered, if it cannot
 */
export const openFile = async (
  directory: string,
  name: string,
  user: ProgramUser | undefined,
): Promise<OpenFile | OmissionReason> => {
  let handle: FileHandle | undefined;
  try {
    handle = await open(join(directory, name), openFlags);
    const stats = await handle.stat();
    if (stats.isFile() && (!user || stats.uid === user.uid)) return { handle, bytes: stats.size };
    await handle.close();
    return 'not-a-file';
  } catch (error) {
    await handle?.close();
    return linkCodes.includes((error as NodeJS.ErrnoException).code ?? '') ? 'not-a-file' : 'unreadable';
  }
};

const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
/** The codes for a symbolic link, and for a socket or a device without a driver. */
const linkCodes = ['ELOOP', 'ENXIO', 'ENODEV'];
