import type { Logger } from '../../../runtime/log.ts';
import { AppendBlob } from './append-blob.ts';
import { HeadTailBuffer } from './head-tail-buffer.ts';
import { Redactor } from './redactor.ts';

/** The log of a script, which is written to storage while the script runs. */
export type ScriptLog = {
  write(chunk: Uint8Array): void;
  /** Appends a line of the runner. */
  note(text: string): void;
  /** Writes the rest. Retries while storage is down; stops if storage refuses the log. */
  close(): Promise<void>;
};

export type ScriptLogOptions = {
  /** The link to create the blob of the log and append to it. */
  link: string;
  /** The values to mask. */
  secrets: readonly string[];
  giveUp: AbortSignal;
  log: Logger;
};

/** An append blob accepts 50 000 appends: the first ones are frequent, and the others last for a week. */
const fast = { appends: 20_000, milliseconds: 2_000 };
const slow = { milliseconds: 25_000 };

/** Opens the log of a script: appends the redacted output to a blob every 2 s, and limits it to 10 MB of head and tail. */
export const openScriptLog = ({ link, secrets, giveUp, log }: ScriptLogOptions): ScriptLog => {
  const redactor = new Redactor(secrets);
  const buffer = new HeadTailBuffer();
  const blob = new AppendBlob(link, giveUp);
  let appends = 0;
  let isRefused = false;
  let appending: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const append = async (bytes: Uint8Array): Promise<void> => {
    if (isRefused) return;
    appends += 1;
    await blob.append(bytes).catch((error: unknown) => {
      isRefused = true;
      log.warn({ err: error }, 'could not write the log of the script');
    });
  };
  const flush = (): void => {
    const bytes = buffer.takeHead();
    if (bytes.length > 0) appending = append(bytes);
    void appending.then(scheduleFlush);
  };
  let isClosed = false;
  const scheduleFlush = (): void => {
    if (isClosed) return;
    timer = setTimeout(flush, appends < fast.appends ? fast.milliseconds : slow.milliseconds);
  };
  scheduleFlush();

  return {
    write: (chunk) => buffer.add(redactor.push(chunk)),
    note: (text) => {
      buffer.add(redactor.end());
      buffer.add(Buffer.from(`${text}\n`));
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      buffer.add(redactor.end());
      await appending;
      await append(buffer.takeRest());
    },
  };
};
