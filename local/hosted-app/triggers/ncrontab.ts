/** A schedule: the seconds, minutes and hours at which a timer is due, in UTC. */
export type Schedule = {
  seconds: ReadonlySet<number>;
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
};

const secondMilliseconds = 1_000;
const daySeconds = 86_400;

/**
 * Parses a schedule of Azure Functions (NCRONTAB: seconds, minutes, hours, days, months, days of the week). Each of the first three
 * fields is `*`, a number, or an interval such as every fifth (a star, a slash and 5); the others are `*`.
 * @throws RangeError for any other schedule
 */
export const parseNcrontab = (text: string): Schedule => {
  const [second, minute, hour, ...days] = text.split(' ');
  const [seconds, minutes, hours] = [parseField(second, 60), parseField(minute, 60), parseField(hour, 24)];
  if (!seconds || !minutes || !hours || days.join(' ') !== '* * *')
    throw new RangeError(`The hosted app cannot follow the schedule ${JSON.stringify(text)}`);
  return { seconds, minutes, hours };
};

const parseField = (field = '', count: number): ReadonlySet<number> | undefined => {
  const [, step, value] = /^(?:\*(?:\/([1-9]\d?))?|(\d{1,2}))$/.exec(field) ?? [];
  const all = Array.from({ length: count }, (_, index) => index);
  if (value !== undefined) return Number(value) < count ? new Set([Number(value)]) : undefined;
  if (!field.startsWith('*') || (step === undefined && field !== '*')) return undefined;
  return new Set(all.filter((index) => index % Number(step ?? 1) === 0));
};

/** Returns the first time after `now` at which a timer is due, both in milliseconds since 1970. */
export const findNextTime = ({ seconds, minutes, hours }: Schedule, now: number): number => {
  let time = (Math.floor(now / secondMilliseconds) + 1) * secondMilliseconds;
  for (let left = daySeconds; left > 0; left -= 1, time += secondMilliseconds) {
    const date = new Date(time);
    if (
      seconds.has(date.getUTCSeconds()) &&
      minutes.has(date.getUTCMinutes()) &&
      hours.has(date.getUTCHours())
    )
      return time;
  }
  throw new RangeError('The schedule is never due');
};
