import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { ExitRecord } from '../../../contracts/exit-record.ts';
import { jitteredDelay } from '../../../runtime/async/backoff.ts';
import { sleep } from '../../../runtime/async/clock.ts';
import type { RunSpec } from '../../launcher/port.ts';
import { requestBlob, storageBackoff } from '../sas-client.ts';

/** Why a script cannot be started. */
export type NotStarted = NonNullable<ExitRecord['notStarted']>;

/** Fetches the script of a task into an executable file. @returns why it must not be run; undefined if it can */
export const fetchScript = async (
  spec: RunSpec,
  file: string,
  giveUp: AbortSignal,
): Promise<NotStarted | undefined> => {
  for (let attempts = 0; ; attempts += 1) {
    const { response } = await requestBlob(spec.links.script, {}, giveUp);
    if (!response.ok) {
      await response.body?.cancel();
      return toReadFailure(response.status);
    }
    const saved = await saveScript(response, file, giveUp);
    if (saved) return checkHash(spec.sha256, saved.sha256) ?? checkExecutable(saved.head);
    await sleep(jitteredDelay(attempts, storageBackoff), { signal: giveUp });
  }
};

type SavedScript = { sha256: string; head: Buffer };
/** The number of bytes that are checked. */
const headBytes = 256;

/** Saves the script. @returns undefined if the connection broke */
const saveScript = async (
  response: Response,
  path: string,
  giveUp: AbortSignal,
): Promise<SavedScript | undefined> => {
  const file = await open(path, 'w', 0o700);
  const hash = createHash('sha256');
  let head = Buffer.alloc(0);
  try {
    for await (const chunk of response.body ?? []) {
      hash.update(chunk);
      if (head.length < headBytes) head = Buffer.concat([head, chunk]).subarray(0, headBytes);
      await file.write(chunk);
    }
    return { sha256: hash.digest('hex'), head };
  } catch (error) {
    giveUp.throwIfAborted();
    if ((error as NodeJS.ErrnoException).syscall === 'write') throw error;
    return undefined;
  } finally {
    await file.close();
  }
};

const toReadFailure = (status: number): NotStarted =>
  status === 404
    ? { reason: 'script-missing', message: 'The script that the definition names is not in the catalogue.' }
    : { reason: 'launch-failed', message: `The script could not be read: storage answered ${status}.` };

const checkHash = (expected: string | null, received: string): NotStarted | undefined =>
  expected === null || expected === received
    ? undefined
    : {
        reason: 'definition-invalid',
        message: `The script's sha256 is ${received}; the definition expects ${expected}.`,
      };

/** The first bytes of files that the kernel can run: a script's `#!`, ELF, and the formats of macOS. */
const magicNumbers = ['2321', '7f454c46', 'cffaedfe', 'cafebabe'];

/** Checks the format, because the C library runs every file that the kernel refuses (ENOEXEC) as a script of `/bin/sh`. */
const checkExecutable = (head: Buffer): NotStarted | undefined => {
  if (!magicNumbers.some((magic) => head.toString('hex').startsWith(magic))) {
    const message =
      'The script is not in an executable format (ENOEXEC): its first line must name its interpreter, such as "#!/bin/sh".';
    return { reason: 'launch-failed', message };
  }
  if (/^#!.*\r\n/.test(head.toString('latin1'))) {
    return {
      reason: 'launch-failed',
      message:
        "The script's first line ends in CR LF, which makes the CR part of its interpreter's name: save it with LF.",
    };
  }
  return undefined;
};
