import { decodePart } from '../text.ts';
import type { LogWatch } from './log-watch.ts';

/** The time without an event after which a comment is sent, because proxies close connections that look dead. */
const heartbeatMilliseconds = 15_000;

type LogEventOptions = {
  /** The byte offset at which the events begin. */
  offset: number;
  watch: Pick<LogWatch, 'extent' | 'waitForChange'>;
  /** Reads a part of the log from an offset on. @param length the length of the log */
  read: (offset: number, length: number) => Promise<Buffer>;
  signal: AbortSignal;
};

/**
 * Yields a log as Server-Sent Events while it grows: `log` with a text as JSON and, as its id, the byte offset after it; at last `end`.
 * A reader resumes a stream without `end` from the last id.
 */
export async function* formatLogEvents({
  offset: from,
  watch,
  read,
  signal,
}: LogEventOptions): AsyncGenerator<string> {
  let offset = from;
  yield 'retry: 1000\n\n';
  while (!signal.aborted) {
    const { extent } = watch;
    if (offset < extent.length) {
      const bytes = await read(offset, extent.length);
      const isLast = extent.isComplete && offset + bytes.length >= extent.length;
      const part = decodePart(bytes, isLast);
      offset += part.bytes;
      if (part.bytes > 0) yield formatEvent('log', offset, part.text);
      if (part.bytes > 0) continue;
    }
    if (extent.isComplete) {
      // If there is no more to read although the log is longer, storage has lost a part of it.
      yield formatEvent('end', offset, null);
      return;
    }
    await watch.waitForChange(extent, heartbeatMilliseconds, signal);
    if (watch.extent === extent) yield ': heartbeat\n\n';
  }
}

/** Formats an event. JSON has no line breaks, so its data is one line. */
const formatEvent = (name: 'log' | 'end', offset: number, data: string | null): string =>
  `id: ${offset}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
