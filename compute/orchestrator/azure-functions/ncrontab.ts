/** Returns whether a schedule can fire every `seconds`: they divide a minute, or are whole minutes that divide an hour. */
export const canSchedule = (seconds: number): boolean =>
  Number.isInteger(seconds) &&
  seconds > 0 &&
  (seconds < 60 ? 60 % seconds === 0 : seconds % 60 === 0 && 3_600 % seconds === 0);

/**
 * Returns an Azure Functions schedule (NCRONTAB, six fields) that fires every `seconds`.
 * @throws RangeError if no schedule can, see `canSchedule`
 */
export const toNcrontab = (seconds: number): string => {
  if (!canSchedule(seconds)) throw new RangeError(`No schedule fires every ${seconds} s`);
  if (seconds < 60) return `*/${seconds} * * * * *`;
  return seconds === 3_600 ? '0 0 * * * *' : `0 */${seconds / 60} * * * *`;
};
