/**
 * A schedule of Azure Functions (NCRONTAB, six fields) that rings every so many seconds.
 * @throws RangeError if the seconds neither divide a minute nor are whole minutes that divide an hour
 */
export const toNcrontab = (seconds: number): string => {
  if (seconds < 60 && 60 % seconds === 0) return `*/${seconds} * * * * *`;
  const minutes = seconds / 60;
  if (minutes === 60) return '0 0 * * * *';
  if (Number.isInteger(minutes) && 60 % minutes === 0) return `0 */${minutes} * * * *`;
  throw new RangeError(`There is no schedule for every ${seconds} s`);
};
