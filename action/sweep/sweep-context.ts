import type { Repository } from '../../chatops/incoming-comment.ts';
import type { CommentListing } from '../../chatops/sweep/comment-listing.ts';
import type { ActionPorts } from '../ports.ts';
import type { SweepReport } from './sweep-report.ts';

/** What a sweep works on: a repository of a GitHub's host, as it was read at the beginning. */
export type SweepContext = {
  host: string;
  repository: Repository;
  listing: CommentListing;
  ports: ActionPorts;
  tally: SweepReport;
};
