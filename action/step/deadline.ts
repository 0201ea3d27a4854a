/** Why a step ends before its job: the workflow was canceled, or the timeout was reached. */
export type AbortCause = 'canceled' | 'time';

/** The output `reason` for each cause. */
export const abortReasons = { canceled: 'aborted', time: 'timeout' } as const satisfies Record<
  AbortCause,
  string
>;

/** The time limit of a step. */
export type StepDeadline = {
  /** Aborted once the step must end. */
  signal: AbortSignal;
  /** Returns undefined until the step must end. */
  getCause: () => AbortCause | undefined;
  /** Returns the remaining milliseconds. */
  getRemaining: () => number;
  /** Returns the signal that ends a new call, so that the step ends in time even if a service never answers. */
  createCallSignal: () => AbortSignal;
};

/** The timeout of a call. GitHub's own timeout is 10 s. */
const maxCallMilliseconds = 10_000;

/** Timeouts in milliseconds once the step must end: of calls already running, of each new call, and of all calls together. */
const limitsAfterAbort = { underWay: 2_000, each: 3_000, all: 7_000 };

/** Starts the time limit. To cancel, the runner sends SIGINT, 7.5 s later SIGTERM, and kills the process 2.5 s after that. */
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

/** Returns a signal that aborts `delay` milliseconds after another one. */
const abortLater = (signal: AbortSignal, delay: number): AbortSignal => {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new DOMException('The step must end', 'TimeoutError'));
  signal.addEventListener('abort', () => setTimeout(abort, delay).unref(), { once: true });
  return controller.signal;
};
