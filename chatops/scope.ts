import { taskLockScope } from '../contracts/task-locks.ts';
import type { IncomingComment } from './incoming-comment.ts';

/** Returns the scope of a repository's locks and leases at an orchestrator: `<host>/<repository id>`. */
export const toScope = ({ host, thread }: Pick<IncomingComment, 'host' | 'thread'>): string =>
  `${host}/${thread.repository.id}`;

/** The scope of the locks in task definitions, which are shared across repositories. */
export const sharedLockScope = taskLockScope;
