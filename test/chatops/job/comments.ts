import type { Author, IncomingComment } from '../../../chatops/github/port.ts';

/** The people of these tests, by what they may do on the repository. */
export const people = {
  octocat: { id: 1, login: 'octocat', kind: 'person' },
  mona: { id: 2, login: 'mona', kind: 'person' },
  rhea: { id: 3, login: 'rhea', kind: 'person' },
  hubot: { id: 4, login: 'hubot[bot]', kind: 'bot' },
} as const satisfies Record<string, Author>;

/** A comment of `octocat` on issue 7 of `acme/ops`; its id is also the second at which it was written. */
export const commentOf = (body: string, id = 9, changes: Partial<IncomingComment> = {}): IncomingComment => ({
  host: 'github.com',
  thread: { repository: { id: 1, name: 'acme/ops' }, number: 7, kind: 'issue' },
  about: { labels: [], comments: 3 },
  comment: {
    id,
    createdAt: new Date(Date.UTC(2026, 2, 1, 12, 0, id)).toISOString().replace('.000', ''),
    body,
  },
  author: people.octocat,
  event: { kind: 'created' },
  installation: 3,
  ...changes,
});

/** The comment after an edit by its author, or by somebody else. */
export const edited = (
  comment: IncomingComment,
  body: string,
  editor: { id: number; login: string } = comment.author,
): IncomingComment => ({
  ...comment,
  comment: { ...comment.comment, body },
  event: { kind: 'edited', before: comment.comment.body, at: comment.comment.createdAt, editor },
});
