/** How long a client can take to read what was sent before the end of a stream, in milliseconds. */
const graceMilliseconds = 10_000;

type EventStreamOptions = {
  /** The duration after which the events end by themselves. Soon after it, a stream that is not read to its end fails. */
  maxMilliseconds: number;
  /** Called once, when the stream has ended, failed, or was canceled. */
  onEnd: () => void;
};

/** Returns a stream of events, each made only when the reader asks for it. @param start gets a signal that is aborted at the end */
export const createEventStream = (
  start: (signal: AbortSignal) => AsyncGenerator<string>,
  { maxMilliseconds, onEnd }: EventStreamOptions,
): ReadableStream<Uint8Array> => {
  const abort = new AbortController();
  const events = start(abort.signal);
  const encoder = new TextEncoder();
  let timer: NodeJS.Timeout | undefined;
  const finish = (): void => {
    if (abort.signal.aborted) return;
    clearTimeout(timer);
    abort.abort();
    onEnd();
  };
  return new ReadableStream<Uint8Array>(
    {
      start: (stream) => {
        timer = setTimeout(() => {
          stream.error(new Error('The client read too slowly'));
          finish();
        }, maxMilliseconds + graceMilliseconds);
      },
      pull: async (stream) => {
        try {
          const { done, value } = await events.next();
          if (abort.signal.aborted) return;
          if (!done) return stream.enqueue(encoder.encode(value));
          stream.close();
        } catch (error) {
          stream.error(error);
        }
        finish();
      },
      cancel: finish,
    },
    { highWaterMark: 0 },
  );
};
