import type { TaskList } from '../../formats/definition.ts';
import type { Blobs } from '../../storage/port.ts';
import { readCatalogue } from '../catalogue.ts';
import type { Route } from '../durable.ts';
import { json } from './answers.ts';

/** `GET /api/tasks`: what can be run, and which definitions could not be read. */
export const listTasks = ({ blobs }: { blobs: Blobs }): Route => ({
  name: 'ListTasks',
  method: 'GET',
  path: 'tasks',
  handle: async () => json(200, { v: 1, ...(await readCatalogue(blobs)) } satisfies TaskList),
});
