import { execFileSync } from 'node:child_process';
import { closeSync, constants, fchownSync, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProgramUser } from '../../../runtime/program-user.ts';

/** One pipe for stdout and stderr, so that their order is kept. */
export type OutputPipe = {
  /** The descriptor to which the script writes. */
  readonly writer: number;
  /** Closes this process's copy of that descriptor after the script has inherited it. */
  closeWriter(): void;
  /** Resolves when all writers have closed the pipe, or those that are left have been silent for a while. */
  waitUntilDrained(): Promise<void>;
};

const silenceMilliseconds = 200;
/** The maximum time to read the output of processes that have left the script's process group. */
const drainMilliseconds = 3_000;

export type OutputPipeOptions = {
  /** The folder in which the pipe has a name for a moment. */
  folder: string;
  /** The user that can open the pipe by name, as `/dev/stderr`; undefined for our own user. */
  user: ProgramUser | undefined;
  onOutput: (chunk: Buffer) => void;
};

/**
 * Opens a pipe for the output of a child. It is a FIFO, made by `mkfifo` (POSIX). Node itself would use two sockets: on a socket,
 * `echo text > /dev/stderr` fails, and with two of them the order is lost.
 */
export const openOutputPipe = ({ folder, user, onOutput }: OutputPipeOptions): OutputPipe => {
  const path = join(folder, 'output');
  execFileSync('mkfifo', ['-m', '600', path]);
  // In this order, neither call blocks: a FIFO without writers can be opened for reading, and then it has a reader.
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  unlinkSync(path);
  if (user) fchownSync(writer, user.uid, user.gid);

  let lastOutputAt = 0;
  const socket = new Socket({ fd: reader, readable: true, writable: false });
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('data', (chunk: Buffer) => {
    lastOutputAt = Date.now();
    onOutput(chunk);
  });
  const waitForSilence = async (): Promise<void> => {
    const from = Date.now();
    lastOutputAt = from;
    while (Date.now() - lastOutputAt < silenceMilliseconds && Date.now() - from < drainMilliseconds)
      await pause(20);
  };
  return {
    writer,
    closeWriter: () => closeSync(writer),
    waitUntilDrained: async () => {
      await Promise.race([ended, waitForSilence()]);
      socket.destroy();
    },
  };
};
