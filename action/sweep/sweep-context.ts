import type { Repository } from '../../chatops/github/ports.ts';
import type { Listing } from '../../chatops/sweep/comment-listing.ts';
import type { Ports } from '../ports.ts';
import type { Tally } from './sweep-report.ts';

/** What a sweep works on: a repository of a GitHub's host, as it was read at the beginning. */
export type Swept = { host: string; repository: Repository; listing: Listing; ports: Ports; tally: Tally };
