import { loadMarkdownRenderer } from '../../../../local/github-emulator/page/markdown.ts';
import { findEnvelopeProblem } from '../../../../bot/server/webhook-events.ts';
import { findAddedCommands, mayContainCommand, parseCommands } from '../../../../chatops/command/index.ts';
import { handleComment, postReply } from '../../../../chatops/handle-comment.ts';
import type { IncomingComment } from '../../../../chatops/incoming-comment.ts';
import { truncateMarkdown } from '../../../../chatops/markdown/truncate.ts';
import {
  toTableCell,
  toCodeBlock,
  escapeUnlessOwnMarkdown,
  escapeUnlessPlain,
} from '../../../../chatops/markdown/untrusted-text.ts';
import { hasCodeOwner, readPolicy } from '../../../../chatops/policy/index.ts';
import { formatExact } from '../../../../chatops/reply/exact-text.ts';
import { readMarker, updateReply } from '../../../../chatops/reply/render-reply.ts';
import { findInexactNumber } from '../../../../contracts/exact-json.ts';
import { isTrusted } from '../../../../compute/orchestrator/auth/workflows.ts';
import { parseInputs } from '../../../../compute/orchestrator/inputs/source.ts';
import { isTooDeep } from '../../../../runtime/json-depth.ts';
import { maskSecrets } from '../../../../runtime/log.ts';
import { registerSecret } from '../../../../runtime/secrets.ts';
import { createCommentPorts } from '../../../../test/fakes/comment-ports.ts';

/** Work in an event loop on foreign text. */
export type GrowthSubject = {
  name: string;
  /** The maximum length of the text, in characters (UTF-16). */
  characters: number;
  work: (text: string) => unknown;
};

/** GitHub's limit for a comment. */
const comment = 65_536;
/** The maximum size of a policy. */
const policy = 65_000;
/** The maximum size of a file that is read from a repository, and of the body of a start request. */
const megabyte = 1_048_576;

const anyRun = { repositoryId: '1', scopes: [], tasks: '*' as const, algorithms: '*' as const };

/** Handles a comment in an in-memory repository, and writes the reply. */
const handleCommentText = async (
  body: string,
  login: 'octocat' | 'rhea',
  event: IncomingComment['event'] = { kind: 'created' },
): Promise<void> => {
  // The second reader works off the event loop.
  const ports = {
    ...createCommentPorts(),
    secondReader: async (_text: string, lines: readonly number[]) => lines.map(() => true),
  };
  const incoming: IncomingComment = {
    host: 'github.com',
    thread: { repository: { id: 501, name: 'acme/ops' }, number: 1, kind: 'issue' },
    threadState: { labels: [], comments: 1 },
    comment: { id: 1, createdAt: '2026-03-01T12:00:00Z', body },
    author: { id: 11, login, kind: 'person' },
    event,
    installation: 3,
  };
  const turn = await handleComment(incoming, ports);
  if (turn) await postReply(incoming, turn, ports);
};

const buildEdit = (before: string): IncomingComment['event'] => ({
  kind: 'edited',
  before,
  at: '2026-03-01T12:01:00Z',
  editor: { id: 11, login: 'octocat' },
});

/** Returns all subjects. */
export const loadSubjects = async (): Promise<readonly GrowthSubject[]> => {
  const render = await loadMarkdownRenderer({ byLogin: () => undefined });
  registerSecret('a secret that is registered for masking');
  return [
    { name: 'the gate of comments', characters: comment, work: mayContainCommand },
    { name: 'reading commands', characters: comment, work: (text) => parseCommands(text) },
    { name: 'an edit', characters: comment, work: (text) => findAddedCommands(text, `${text}\n/help`) },
    {
      name: 'a comment by someone who can run something',
      characters: comment,
      work: (text) => handleCommentText(text, 'octocat'),
    },
    {
      name: 'a command with a long value',
      characters: comment,
      work: (text) => handleCommentText(`/run Hello who=${text}`, 'octocat'),
    },
    { name: 'a comment of a reader', characters: comment, work: (text) => handleCommentText(text, 'rhea') },
    {
      name: 'an edited comment',
      characters: comment,
      work: (text) => handleCommentText(text, 'octocat', buildEdit(text.slice(1))),
    },
    { name: 'a policy', characters: policy, work: readPolicy },
    { name: 'CODEOWNERS', characters: megabyte, work: (text) => hasCodeOwner(text, '.github/coxswain.yml') },
    { name: 'a log in a reply', characters: megabyte, work: (text) => toCodeBlock(text, 15_000) },
    { name: 'a value in a cell', characters: comment, work: (text) => toTableCell(text) },
    { name: 'a value by its characters', characters: comment, work: (text) => formatExact(text) },
    {
      name: 'words of others',
      characters: comment,
      work: (text) => [escapeUnlessPlain(text), escapeUnlessOwnMarkdown(text)],
    },
    { name: 'cutting Markdown', characters: megabyte, work: (text) => truncateMarkdown(text, 60_000) },
    {
      name: 'an existing reply',
      characters: comment,
      work: (text) => [
        readMarker(text),
        updateReply(text, { comment: 1, sections: [], isPublic: false, keep: 'all' }),
      ],
    },
    {
      name: 'a line of a log',
      characters: megabyte,
      work: (text) => [maskSecrets(text), maskSecrets(JSON.stringify({ text }))],
    },
    {
      name: 'the envelope of a webhook',
      characters: megabyte,
      work: (text) => [findEnvelopeProblem(text), findEnvelopeProblem(JSON.stringify({ action: text }))],
    },
    { name: 'the depth of JSON', characters: megabyte, work: isTooDeep },
    { name: 'the numbers of JSON', characters: megabyte, work: (text) => tryParse(text) },
    { name: 'uploaded inputs', characters: megabyte, work: parseInputs },
    {
      name: 'a ref and the pattern of its rule',
      characters: 4_096,
      work: (text) => isTrusted({ ...anyRun, ref: '**a**/**0**-**' }, { repository_id: '1', ref: text }),
    },
    { name: 'the page of a thread', characters: comment, work: render },
  ];
};

const tryParse = (text: string): unknown => {
  try {
    return findInexactNumber(text);
  } catch (error) {
    return error;
  }
};
