import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { styleText } from 'node:util';
import { Releases, waitForStopRequest } from '../runtime/lifecycle.ts';
import { createLogger } from '../runtime/log.ts';
import { verifyOutputs, DemoFailedError } from './demo/verify-outputs.ts';
import { parseBasePort, readOptions } from './options.ts';
import { readPlatformFile, type PlatformFile } from '../local/platform/platform-file.ts';
import { startLocalPlatform } from '../local/platform/start-platform.ts';
import { runCli } from './run-cli.ts';
import { followComment, type CommentOutcome } from './thread/follow-comment.ts';
import { createGitHubClient, type GitHubClient } from './thread/github-client.ts';
import { createSignInAddress } from './thread/sign-in.ts';
import { createScreen } from './thread/screen.ts';

const help = `
npm run demo [-- --data DIR] [--port N]

Starts a local platform, opens an issue as a regular user, comments /compute 1000 and /run Hello who=world, and shows the
thread as it changes. Then it downloads the outputs with the links in the reply, and checks that they contain each of the
1 000 inputs once. Exits with 0, or with 1 and an error message. Press Ctrl-C to stop.

  --data DIR   the data folder (default: a temporary folder, which is deleted at the end)
  --port N     the first of five ports (default: 0, any free ports)
`;

const inputs = 1_000;
const limitSeconds = 300;
const done = styleText('green', '✔');

await runCli(async () => {
  const { values } = readOptions(help, { data: { type: 'string' }, port: { type: 'string' } });
  process.env['LOG_LEVEL'] ??= 'error';
  const stopped = waitForStopRequest().then(() => 130);
  const releases = new Releases();
  const folder = values.data === undefined ? await temporaryFolder(releases) : resolve(values.data);
  try {
    print('Starting Coxswain on this machine …');
    await startLocalPlatform({
      folder,
      port: parseBasePort(values.port, 0),
      releases,
      log: createLogger('platform'),
    });
    const played = runDemo(await readPlatformFile(folder)).then(() => 0);
    return await Promise.race([played, stopped]);
  } finally {
    await releases.end();
  }
});

async function temporaryFolder(releases: Releases): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-demo-'));
  releases.add('the temporary folder', () => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function runDemo(platform: PlatformFile): Promise<void> {
  const client = createGitHubClient(platform, platform.github.token);
  const login = platform.github.users.find(({ token }) => token === platform.github.token)?.login ?? 'you';
  const issue = await client.openIssue('How round is a circle?', 'Let us compute it.');
  print(`Issue #${issue.number} is open: ${await createSignInAddress(platform, issue.html_url)}\n`);
  const compute = await runToEnd(platform, client, login, issue.number, `/compute ${inputs}`);
  const found = await verifyOutputs(compute, inputs);
  print(`\n${done} ${found}\n`);
  await runToEnd(platform, client, login, issue.number, '/run Hello who=world');
  print(
    `\n${done} Both jobs completed. Run "npm start" for a platform that keeps running, with a page for comments.`,
  );
}

async function runToEnd(
  platform: PlatformFile,
  client: GitHubClient,
  login: string,
  issue: number,
  body: string,
): Promise<CommentOutcome> {
  const comment = await client.comment(issue, body);
  const { show } = createScreen(login, body);
  const outcome = await followComment(platform, client, issue, comment, show, limitSeconds);
  if (!outcome.reactions.includes('rocket'))
    throw new DemoFailedError(
      `${body} did not complete: ${outcome.jobs.map(({ state, reason }) => `${state} (${reason})`).join(', ') || 'no job'}`,
    );
  return outcome;
}

function print(text: string): void {
  console.log(text);
}
