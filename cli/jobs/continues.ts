import { commandName } from '../command-name.ts';
import { toShortId } from '../../contracts/ids.ts';

/** Says that a job continues although the command has stopped following it, and how to cancel it. */
export const describeContinuingJob = (id: string, flags: string): string =>
  `The job ${toShortId(id)} continues. To cancel it: ${commandName} cancel ${toShortId(id)}${flags}`;
