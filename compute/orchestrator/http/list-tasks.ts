import type { TaskList } from '../../../contracts/task-definition.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import type { Catalogue } from '../catalogue/task-list.ts';
import { toJsonResponse } from './answers.ts';

/** `GET /api/tasks`: what can be run, by which digests it is pinned, and which definitions could not be read. */
export const listTasks = ({ catalogue }: { catalogue: Catalogue }): GuardedRoute => ({
  name: 'ListTasks',
  method: 'GET',
  path: 'tasks',
  needs: 'read',
  handle: async () => toJsonResponse(200, { v: 1, ...(await catalogue()) } satisfies TaskList),
});
