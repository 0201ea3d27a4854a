import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { styleText } from 'node:util';
import { Releases, waitForStopRequest } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { verifyOutputs, DemoFailedError } from '../demo/verify-outputs.ts';
import { readPlatformFile, type PlatformFile } from '../../local/platform/platform-file.ts';
import { startLocalPlatform } from '../../local/platform/start-platform.ts';
import type { Job } from '../../compute/client/index.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson } from '../print.ts';
import { followComment, type CommentOutcome } from '../thread/follow-comment.ts';
import { createGitHubClient, type GitHubClient } from '../thread/github-client.ts';
import { createSignInAddress } from '../thread/sign-in.ts';
import { createScreen } from '../thread/screen.ts';

const inputs = 1_000;
const limitSeconds = 300;
const done = styleText('green', '✔');

export type DemoOptions = { data?: string; port: number; json?: true };

/** `coxswain demo`: starts a platform, runs two jobs as a user would, and checks their outputs. With `json`, prints only the jobs. */
export const playDemo = async ({ data, port, json }: DemoOptions): Promise<number> => {
  process.env['LOG_LEVEL'] ??= 'error';
  const stopped = waitForStopRequest().then(() => undefined);
  const releases = new Releases();
  const folder = data === undefined ? await createTemporaryFolder(releases) : resolve(data);
  const print = json ? () => {} : printText;
  try {
    print('Starting Coxswain on this machine …');
    await startLocalPlatform({ folder, port, releases, log: createLogger('platform') });
    const played = runDemo(await readPlatformFile(folder), print, json);
    const jobs = await Promise.race([played, stopped]);
    if (json && jobs) printJson({ v: 1, jobs });
    return jobs ? exitCodes.ok : exitCodes.interrupted;
  } finally {
    await releases.end();
  }
};

async function createTemporaryFolder(releases: Releases): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-demo-'));
  releases.add('the temporary folder', () => rm(folder, { recursive: true, force: true }));
  return folder;
}

type Print = (text: string) => void;

async function runDemo(platform: PlatformFile, print: Print, isQuiet: true | undefined): Promise<Job[]> {
  const client = createGitHubClient(platform, platform.github.token);
  const login = platform.github.users.find(({ token }) => token === platform.github.token)?.login ?? 'you';
  const issue = await client.openIssue('How round is a circle?', 'Let us compute it.');
  print(`Issue #${issue.number} is open: ${await createSignInAddress(platform, issue.html_url)}\n`);
  const run = (body: string) => runToEnd(platform, client, { login, issue: issue.number, body, isQuiet });
  const compute = await run(`/compute ${inputs}`);
  const found = await verifyOutputs(compute, inputs);
  print(`\n${done} ${found}\n`);
  const report = await run('/run Report days=7');
  print(`\n${done} ${describeFiles(report)}`);
  print(
    `${done} Both jobs completed. Run "npm start" for a platform that keeps running, with a page for comments.`,
  );
  return [...compute.jobs, ...report.jobs];
}

/** Names the files that the task delivered. @throws DemoFailedError if there are none */
const describeFiles = ({ jobs }: CommentOutcome): string => {
  const names = jobs.flatMap(({ files }) => files?.delivered ?? []).map(({ name }) => name);
  if (names.length === 0) throw new DemoFailedError('/run Report completed without files.');
  return `The task delivered ${names.length} files: ${names.join(', ')}.`;
};

type DemoComment = { login: string; issue: number; body: string; isQuiet: true | undefined };

async function runToEnd(
  platform: PlatformFile,
  client: GitHubClient,
  { login, issue, body, isQuiet }: DemoComment,
): Promise<CommentOutcome> {
  const comment = await client.comment(issue, body);
  const show = isQuiet ? () => {} : createScreen(login, body).show;
  const outcome = await followComment(platform, client, issue, comment, show, limitSeconds);
  if (!outcome.reactions.includes('rocket'))
    throw new DemoFailedError(
      `${body} did not complete: ${outcome.jobs.map(({ state, reason }) => `${state} (${reason})`).join(', ') || 'no job'}`,
    );
  return outcome;
}

function printText(text: string): void {
  console.log(text);
}
