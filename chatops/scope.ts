import type { taskLockScope } from '../compute/client/index.ts';
import type { IncomingComment } from './incoming-comment.ts';

/** A repository among all that use an orchestrator: where locks and leases mean something. `<host>/<repository id>`. */
export const toScope = ({ host, thread }: Pick<IncomingComment, 'host' | 'thread'>): string =>
  `${host}/${thread.repository.id}`;

/** The scope of the locks that definitions of tasks name, which are shared across repositories. */
export const sharedLockScope: typeof taskLockScope = 'tasks';
