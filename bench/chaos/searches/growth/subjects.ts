import { loadMarkdown } from '../../../../local/github-emulator/page/markdown.ts';
import { envelopeProblem } from '../../../../bot/server/envelope.ts';
import { addedCommands, mayHoldCommand, readCommands } from '../../../../chatops/command/index.ts';
import { converse, reply } from '../../../../chatops/handle-comment.ts';
import type { IncomingComment } from '../../../../chatops/github/ports.ts';
import { cutMarkdown } from '../../../../chatops/markdown/truncate.ts';
import { cell, fenced, ourWords, phrase } from '../../../../chatops/markdown/untrusted-text.ts';
import { hasCodeOwner, readPolicy } from '../../../../chatops/policy/index.ts';
import { exact } from '../../../../chatops/reply/exact-text.ts';
import { readMarker, updateReply } from '../../../../chatops/reply/render-reply.ts';
import { findInexactNumber } from '../../../../contracts/exact-json.ts';
import { isTrusted } from '../../../../compute/orchestrator/auth/trust.ts';
import { readSource } from '../../../../compute/orchestrator/inputs/source.ts';
import { isTooDeep } from '../../../../runtime/json-depth.ts';
import { masked } from '../../../../runtime/log.ts';
import { registerSecret } from '../../../../runtime/secrets.ts';
import { scene } from '../../../../test/fakes/comment-ports.ts';

/** Work in an event loop on text that strangers choose. */
export type Subject = {
  name: string;
  /** The most characters (UTF-16) that the text can have. */
  characters: number;
  work: (text: string) => unknown;
};

/** GitHub's own limit of a comment. */
const comment = 65_536;
/** A policy's largest size. */
const policy = 65_000;
/** The largest file that is read from a repository, and the largest body of a start. */
const megabyte = 1_048_576;

const anyRun = { repositoryId: '1', scopes: [], tasks: '*' as const, algorithms: '*' as const };

/** Hears a comment in a repository in memory, and writes the reply. */
const converseAbout = async (
  body: string,
  login: 'octocat' | 'rhea',
  event: IncomingComment['event'] = { kind: 'created' },
): Promise<void> => {
  // The second reader works off the event loop.
  const ports = {
    ...scene(),
    secondReader: async (_text: string, lines: readonly number[]) => lines.map(() => true),
  };
  const heard: IncomingComment = {
    host: 'github.com',
    thread: { repository: { id: 501, name: 'acme/ops' }, number: 1, kind: 'issue' },
    about: { labels: [], comments: 1 },
    comment: { id: 1, createdAt: '2026-03-01T12:00:00Z', body },
    author: { id: 11, login, kind: 'person' },
    event,
    installation: 3,
  };
  const turn = await converse(heard, ports);
  if (turn) await reply(heard, turn, ports);
};

const edited = (before: string): IncomingComment['event'] => ({
  kind: 'edited',
  before,
  at: '2026-03-01T12:01:00Z',
  editor: { id: 11, login: 'octocat' },
});

/** Everything that works on such text. */
export const subjects = async (): Promise<readonly Subject[]> => {
  const render = await loadMarkdown({ byLogin: () => undefined });
  registerSecret('a secret that is registered for masking');
  return [
    { name: 'the gate of comments', characters: comment, work: mayHoldCommand },
    { name: 'reading commands', characters: comment, work: (text) => readCommands(text) },
    { name: 'an edit', characters: comment, work: (text) => addedCommands(text, `${text}\n/help`) },
    {
      name: 'a comment of somebody who may run something',
      characters: comment,
      work: (text) => converseAbout(text, 'octocat'),
    },
    {
      name: 'a command with a long value',
      characters: comment,
      work: (text) => converseAbout(`/run Hello who=${text}`, 'octocat'),
    },
    { name: 'a comment of a reader', characters: comment, work: (text) => converseAbout(text, 'rhea') },
    {
      name: 'an edited comment',
      characters: comment,
      work: (text) => converseAbout(text, 'octocat', edited(text.slice(1))),
    },
    { name: 'a policy', characters: policy, work: readPolicy },
    { name: 'CODEOWNERS', characters: megabyte, work: (text) => hasCodeOwner(text, '.github/coxswain.yml') },
    { name: 'a log in a reply', characters: megabyte, work: (text) => fenced(text, 15_000) },
    { name: 'a value in a cell', characters: comment, work: (text) => cell(text) },
    { name: 'a value by its characters', characters: comment, work: (text) => exact(text) },
    { name: 'words of others', characters: comment, work: (text) => [phrase(text), ourWords(text)] },
    { name: 'cutting Markdown', characters: megabyte, work: (text) => cutMarkdown(text, 60_000) },
    {
      name: 'a reply that stands already',
      characters: comment,
      work: (text) => [
        readMarker(text),
        updateReply(text, { comment: 1, sections: [], isPublic: false, keep: 'all' }),
      ],
    },
    {
      name: 'a line of a log',
      characters: megabyte,
      work: (text) => [masked(text), masked(JSON.stringify({ text }))],
    },
    {
      name: 'the envelope of a webhook',
      characters: megabyte,
      work: (text) => [envelopeProblem(text), envelopeProblem(JSON.stringify({ action: text }))],
    },
    { name: 'the depth of JSON', characters: megabyte, work: isTooDeep },
    { name: 'the numbers of JSON', characters: megabyte, work: (text) => parsed(text) },
    { name: 'uploaded inputs', characters: megabyte, work: readSource },
    {
      name: 'a ref and the pattern of its rule',
      characters: 4_096,
      work: (text) => isTrusted({ ...anyRun, ref: '**a**/**0**-**' }, { repository_id: '1', ref: text }),
    },
    { name: 'the page of a thread', characters: comment, work: render },
  ];
};

const parsed = (text: string): unknown => {
  try {
    return findInexactNumber(text);
  } catch (error) {
    return error;
  }
};
