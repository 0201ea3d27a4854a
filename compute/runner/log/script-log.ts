import type { Logger } from '../../../runtime/log.ts';
import { AppendBlob } from './append-blob.ts';
import { HeadTailBuffer } from './head-tail-buffer.ts';
import { Redactor } from './redactor.ts';

/** A script's log on its way to storage. */
export type ScriptLog = {
  write(chunk: Uint8Array): void;
  /** Appends a line of ours. */
  note(text: string): void;
  /** Writes what is left. Waits out an outage of storage; a log that storage refuses is given up. */
  close(): Promise<void>;
};

export type ScriptLogOptions = {
  /** Creates and appends to the log's blob. */
  link: string;
  /** Values that must not be seen. */
  secrets: readonly string[];
  giveUp: AbortSignal;
  log: Logger;
};

/** An append blob takes 50 000 appends: so many at the fast pace, the rest of a week at the slow one. */
const fast = { appends: 20_000, milliseconds: 2_000 };
const slow = { milliseconds: 25_000 };

/** Opens a script's log: what is written goes to storage every 2 s, redacted, head and tail kept within 10 MB. */
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
      log.warn({ err: error }, 'the log is given up');
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
