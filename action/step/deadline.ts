/** Why a step has to come to its end before its job has: it was canceled, or its time is up. */
export type AbortCause = 'canceled' | 'time';

/** The output `reason` of a step that came to its end so. */
export const abortReasons = { canceled: 'aborted', time: 'timeout' } as const satisfies Record<
  AbortCause,
  string
>;

/** When a step has to come to its end. */
export type StepDeadline = {
  signal: AbortSignal;
  /** Undefined until it has to. */
  getCause: () => AbortCause | undefined;
  /** Returns the milliseconds that are left. */
  getRemaining: () => number;
  /** What ends a call that begins now: whoever is called may never answer, and the step has to come to its end all the same. */
  createCallSignal: () => AbortSignal;
};

/** The longest that a call may take, in milliseconds: GitHub itself gives up after 10 s. */
const maxCallMilliseconds = 10_000;

/** Once the step has to end: a call that is under way then, each that begins after that, and all of them together. */
const limitsAfterAbort = { underWay: 2_000, each: 3_000, all: 7_000 };

/** The runner cancels by SIGINT, 7.5 s later by SIGTERM, and ends the process 2.5 s after that. */
export const startDeadline = (minutes: number): StepDeadline => {
  const canceled = new AbortController();
  const cancel = (): void => canceled.abort();
  process.on('SIGINT', cancel);
  process.on('SIGTERM', cancel);
  const timeout = AbortSignal.timeout(minutes * 60_000);
  const endsAt = performance.now() + minutes * 60_000;
  const signal = AbortSignal.any([canceled.signal, timeout]);
  const [underWay, all] = [
    abortLater(signal, limitsAfterAbort.underWay),
    abortLater(signal, limitsAfterAbort.all),
  ];
  return {
    signal,
    getCause: () => (canceled.signal.aborted ? 'canceled' : timeout.aborted ? 'time' : undefined),
    getRemaining: () => Math.max(0, endsAt - performance.now()),
    createCallSignal: () =>
      signal.aborted
        ? AbortSignal.any([AbortSignal.timeout(limitsAfterAbort.each), all])
        : AbortSignal.any([AbortSignal.timeout(maxCallMilliseconds), underWay]),
  };
};

/** Aborts so many milliseconds after another signal does. */
const abortLater = (signal: AbortSignal, delay: number): AbortSignal => {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new DOMException('The step has to end', 'TimeoutError'));
  signal.addEventListener('abort', () => setTimeout(abort, delay).unref(), { once: true });
  return controller.signal;
};
