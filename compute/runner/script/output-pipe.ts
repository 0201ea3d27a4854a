import { execFileSync } from 'node:child_process';
import { closeSync, constants, fchownSync, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProgramUser } from '../../../runtime/program-user.ts';

/** One pipe for stdout and stderr, which keeps their order. */
export type OutputPipe = {
  /** The end to write to, for the script. */
  readonly writer: number;
  /** Closes our copy of that end, once the script has its own. */
  closeWriter(): void;
  /** Resolves when all writers have closed it, or when those that are left have been silent for a while. */
  waitUntilDrained(): Promise<void>;
};

const silenceMilliseconds = 200;
/** Somebody who has left the script's group, but not its output, is listened to no longer than this. */
const drainMilliseconds = 3_000;

export type OutputPipeOptions = {
  /** The folder in which the pipe briefly has a name. */
  folder: string;
  /** The user that can open it by name, as `/dev/stderr`; undefined for our own user. */
  user: ProgramUser | undefined;
  onOutput: (chunk: Buffer) => void;
};

/**
 * Opens a pipe for a child's output. It is a FIFO (made by `mkfifo`, which is POSIX): what Node itself would give to the
 * child is a socket, on which `echo text > /dev/stderr` fails, and there would be two of them, which loses the order.
 */
export const openOutputPipe = ({ folder, user, onOutput }: OutputPipeOptions): OutputPipe => {
  const path = join(folder, 'output');
  execFileSync('mkfifo', ['-m', '600', path]);
  // In this order neither end blocks: a reader without writers may be opened at once, and then there is a reader.
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
