/** Why a step has to come to its end before its job has: it was canceled, or its time is up. */
export type StopCause = 'canceled' | 'time';

/** The output `reason` of a step that came to its end so. */
export const stopReasons = { canceled: 'aborted', time: 'timeout' } as const satisfies Record<
  StopCause,
  string
>;

/** When a step has to come to its end. */
export type Stop = {
  signal: AbortSignal;
  /** Undefined until it has to. */
  cause: () => StopCause | undefined;
  /** Returns the milliseconds that are left. */
  left: () => number;
  /** What ends a call that begins now: whoever is called may never answer, and the step has to come to its end all the same. */
  call: () => AbortSignal;
};

/** The longest that a call may take, in milliseconds: GitHub itself gives up after 10 s. */
const longest = 10_000;

/** Once the step has to end: a call that is under way then, each that begins after that, and all of them together. */
const atEnd = { underWay: 2_000, each: 3_000, all: 7_000 };

/** The runner cancels by SIGINT, 7.5 s later by SIGTERM, and ends the process 2.5 s after that. */
export const stopAfter = (minutes: number): Stop => {
  const canceled = new AbortController();
  const cancel = (): void => canceled.abort();
  process.on('SIGINT', cancel);
  process.on('SIGTERM', cancel);
  const time = AbortSignal.timeout(minutes * 60_000);
  const ends = performance.now() + minutes * 60_000;
  const signal = AbortSignal.any([canceled.signal, time]);
  const [underWay, all] = [later(signal, atEnd.underWay), later(signal, atEnd.all)];
  return {
    signal,
    cause: () => (canceled.signal.aborted ? 'canceled' : time.aborted ? 'time' : undefined),
    left: () => Math.max(0, ends - performance.now()),
    call: () =>
      signal.aborted
        ? AbortSignal.any([AbortSignal.timeout(atEnd.each), all])
        : AbortSignal.any([AbortSignal.timeout(longest), underWay]),
  };
};

/** Aborts so many milliseconds after another signal does. */
const later = (signal: AbortSignal, milliseconds: number): AbortSignal => {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new DOMException('The step has to end', 'TimeoutError'));
  signal.addEventListener('abort', () => setTimeout(abort, milliseconds).unref(), { once: true });
  return controller.signal;
};
