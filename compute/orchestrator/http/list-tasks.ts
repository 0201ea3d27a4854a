import type { TaskList } from '../../formats/definition.ts';
import type { Route } from '../durable.ts';
import type { Catalogue } from '../task-list.ts';
import { json } from './answers.ts';

/** `GET /api/tasks`: what can be run, by which digests it is pinned, and which definitions could not be read. */
export const listTasks = ({ catalogue }: { catalogue: Catalogue }): Route => ({
  name: 'ListTasks',
  method: 'GET',
  path: 'tasks',
  handle: async () => json(200, { v: 1, ...(await catalogue()) } satisfies TaskList),
});
