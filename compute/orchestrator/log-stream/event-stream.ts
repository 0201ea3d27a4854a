type EventStreamOptions = {
  /** The maximum duration. The stream then ends between two events, also while its reader does not ask for more. */
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
          finish();
          stream.close();
        }, maxMilliseconds);
      },
      pull: async (stream) => {
        try {
          const { done, value } = await events.next();
          if (abort.signal.aborted) return;
          if (!done) return stream.enqueue(encoder.encode(value));
          stream.close();
        } catch (error) {
          if (abort.signal.aborted) return;
          stream.error(error);
        }
        finish();
      },
      cancel: finish,
    },
    { highWaterMark: 0 },
  );
};
