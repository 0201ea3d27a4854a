import type { IncomingComment } from './github/port.ts';

/** A repository among all that use an orchestrator: where locks and leases mean something. `<host>/<repository id>`. */
export const scopeOf = ({ host, thread }: Pick<IncomingComment, 'host' | 'thread'>): string =>
  `${host}/${thread.repository.id}`;
