import * as v from 'valibot';
import type { ContainerInstancesLimits } from './config.ts';

/**
 * A rate limit with sliding windows: the calls of one kind, of all processes. `taken`: how many were made in each interval of 10 s, by its start, which keeps the record
 * small. `blockedUntil`: when Azure accepts the next one. All times are in milliseconds since 1970.
 */
export const CallWindow = v.object({
  taken: v.array(v.tuple([v.number(), v.number()])),
  blockedUntil: v.number(),
});
export type CallWindow = v.InferOutput<typeof CallWindow>;

export const emptyWindow: CallWindow = { taken: [], blockedUntil: 0 };

const intervalMilliseconds = 10_000;
/** A call counts from its arrival at Azure, which is later than here. */
const marginMilliseconds = 10_000;
const windows = { short: 300_000, long: 3_600_000 } as const;

type Limits = Pick<ContainerInstancesLimits, 'callsPer5Minutes' | 'callsPerHour'>;

/** Which limit allows no call now, and for how long. */
export type Wait = { cause: 'azure' | 'short' | 'long'; seconds: number };

/** Counts a call, or returns the wait before it. */
export const takeCall = (
  window: CallWindow,
  now: number,
  limits: Limits,
): { window: CallWindow } | { wait: Wait } => {
  if (window.blockedUntil > now) return { wait: toWait('azure', window.blockedUntil - now) };
  const free = {
    long: findFreeTime(window, { now, milliseconds: windows.long, limit: limits.callsPerHour }),
    short: findFreeTime(window, { now, milliseconds: windows.short, limit: limits.callsPer5Minutes }),
  };
  const cause = free.long >= free.short ? 'long' : 'short';
  if (free[cause] > now) return { wait: toWait(cause, free[cause] - now) };
  return { window: { ...window, taken: countCall(window.taken, now) } };
};

/** Records that Azure accepts no call of this kind until a time. */
export const blockCalls = (window: CallWindow, until: number): CallWindow =>
  until > window.blockedUntil ? { ...window, blockedUntil: until } : window;

const toWait = (cause: Wait['cause'], milliseconds: number): Wait => ({
  cause,
  seconds: Math.ceil(milliseconds / 1_000),
});

/** Returns when a window allows a call: now, or when its oldest calls have left it. */
const findFreeTime = (
  { taken }: CallWindow,
  { now, milliseconds, limit }: { now: number; milliseconds: number; limit: number },
): number => {
  const length = milliseconds + intervalMilliseconds + marginMilliseconds;
  const inside = taken.filter(([start]) => start + length > now);
  let excess = inside.reduce((sum, [, count]) => sum + count, 0) - limit + 1;
  if (excess <= 0) return now;
  for (const [start, count] of inside) {
    excess -= count;
    if (excess <= 0) return start + length;
  }
  return now + length;
};

const countCall = (taken: CallWindow['taken'], now: number): CallWindow['taken'] => {
  const start = now - (now % intervalMilliseconds);
  const oldest = now - windows.long - intervalMilliseconds - marginMilliseconds;
  const kept = taken.filter(([time]) => time > oldest);
  const count = kept.find(([time]) => time === start)?.[1] ?? 0;
  return [...kept.filter(([time]) => time !== start), [start, count + 1] satisfies [number, number]].toSorted(
    ([a], [b]) => a - b,
  );
};
