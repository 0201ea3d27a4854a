import { parseCommands } from '../../chatops/command/index.ts';
import { readMarker, readOutcome } from '../../chatops/reply/render-reply.ts';
import { resolveDataFolder } from '../../local/platform/data-folder.ts';
import { readPlatformFile, type PlatformFile } from '../../local/platform/platform-file.ts';
import { CliError, UsageError } from '../cli-error.ts';
import { exitCodes, getExitCode } from '../exit-codes.ts';
import { formatFlags } from '../format-flags.ts';
import { explainInterruption } from '../interruption.ts';
import { describeContinuingJob } from '../jobs/continues.ts';
import { printJson } from '../print.ts';
import { followComment, type CommentOutcome, type ThreadView } from '../thread/follow-comment.ts';
import { createGitHubClient, GitHubCallError } from '../thread/github-client.ts';
import { createSignInAddress } from '../thread/sign-in.ts';
import { createScreen } from '../thread/screen.ts';

export type CommentOptions = {
  as?: string;
  issue?: number;
  data?: string;
  timeout: number;
  open?: true;
  json?: true;
};

/** `coxswain comment TEXT`: comments on the embedded GitHub of a local platform, and shows the reply until it is final. */
export const writeComment = async (body: string | undefined, options: CommentOptions): Promise<number> => {
  if (options.open) return printSignInAddress(options, body);
  if (body === undefined || body.trim() === '')
    throw new UsageError('The comment is missing. For example: npm run say -- "/compute 100"');
  const platform = await readPlatformFile(resolveDataFolder(options.data));
  const { login, token } = getWriter(platform.github, options.as);
  const client = createGitHubClient(platform, token);
  const issue = options.issue ?? platform.github.issue;
  const comment = await client.comment(issue, body).catch((cause: unknown) => {
    if (!(cause instanceof GitHubCallError) || cause.status === undefined || cause.status >= 500) throw cause;
    if (cause.status !== 404) throw new CliError('usage', cause.message, { cause });
    throw new CliError('usage', `--issue: there is no issue ${issue} in ${platform.github.repository}.`, {
      cause,
    });
  });
  const show = options.json ? () => {} : createScreen(login, body).show;
  let view: ThreadView = { reactions: [], reply: undefined };
  if (parseCommands(body).length === 0) {
    show(view);
    if (options.json) printJson({ v: 1, comment: comment.id, reactions: [], reply: null, jobs: [] });
    else console.log('This comment contains no command, so it gets no reply. Try "/help".');
    return exitCodes.failed;
  }
  explainInterruption(() => describeContinuingComment(view, platform, issue, options));
  const onChange = (changed: ThreadView): void => {
    view = changed;
    show(changed);
  };
  const outcome = await followComment(platform, client, issue, comment, onChange, options.timeout);
  const { reactions, reply, jobs } = outcome;
  if (options.json) printJson({ v: 1, comment: comment.id, reactions, reply: reply?.body ?? null, jobs });
  return getCommentExitCode(outcome);
};

/** Returns the code of the first job that did not complete; a refused command counts as failed. */
const getCommentExitCode = ({ reactions, reply, jobs }: CommentOutcome): number => {
  const unfinished = jobs.find(({ state }) => state !== 'completed');
  if (unfinished) return getExitCode(unfinished.state);
  const isBad = reactions.includes('confused') || readOutcome(reply?.body ?? '') === 'badly';
  return isBad ? exitCodes.failed : exitCodes.ok;
};

/** Returns a text that says what continues after Ctrl-C, and how to cancel it. */
const describeContinuingComment = (
  { reply }: ThreadView,
  { github }: PlatformFile,
  issue: number,
  { data }: CommentOptions,
): string => {
  const flags = formatFlags({ data });
  const ids = (reply && readMarker(reply.body)?.jobs) ?? [];
  const thread = `Its reply is in the thread: ${github.url}/${github.repository}/issues/${issue}`;
  if (ids.length === 0) return `The comment is posted, and Coxswain will answer it. ${thread}`;
  return [...ids.map((id) => describeContinuingJob(id, flags)), thread].join('\n');
};

async function printSignInAddress({ data, json }: CommentOptions, body: string | undefined): Promise<number> {
  if (body !== undefined) throw new UsageError('--open: cannot be combined with a comment.');
  const platform = await readPlatformFile(resolveDataFolder(data));
  const address = await createSignInAddress(platform, platform.github.page);
  if (json) printJson({ v: 1, address });
  else console.log(address);
  return exitCodes.ok;
}

function getWriter({ users, token }: PlatformFile['github'], login: string | undefined) {
  const found = users.find((user) => (login === undefined ? user.token === token : user.login === login));
  if (found) return found;
  throw new UsageError(
    `--as: there is no user ${login}. Users: ${users.map((user) => user.login).join(', ')}.`,
  );
}
