import { shortenJobId } from '../../contracts/ids.ts';

/** Returns the first digits of a job's id, which commands accept. */
export const toShortId = (id: string): string => shortenJobId(id).replace(/^job-/, '');
