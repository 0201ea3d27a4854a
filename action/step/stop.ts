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
};

/** The runner cancels by SIGINT, 7.5 s later by SIGTERM, and ends the process 2.5 s after that. */
export const stopAfter = (minutes: number): Stop => {
  const canceled = new AbortController();
  const cancel = (): void => canceled.abort();
  process.on('SIGINT', cancel);
  process.on('SIGTERM', cancel);
  const time = AbortSignal.timeout(minutes * 60_000);
  return {
    signal: AbortSignal.any([canceled.signal, time]),
    cause: () => (canceled.signal.aborted ? 'canceled' : time.aborted ? 'time' : undefined),
  };
};
