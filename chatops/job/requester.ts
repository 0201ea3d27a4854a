import type { Job } from '../../compute/client/index.ts';
import type { Author } from '../incoming-comment.ts';
import { parseNotes } from './notes.ts';

/** Returns the requester of a job from its origin; undefined if the origin has none. */
export const getRequester = ({ origin }: Pick<Job, 'origin'>): Author | undefined => {
  const { requester: id, app } = parseNotes(origin);
  const { sender: login } = origin;
  if (id === null || login === undefined) return undefined;
  if (app !== null) return { id, login, kind: 'person-via-app', app };
  return { id, login, kind: id === 0 || login.endsWith('[bot]') ? 'bot' : 'person' };
};
