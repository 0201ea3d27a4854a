import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { styleText } from 'node:util';
import { Releases, stopRequested } from '../runtime/lifecycle.ts';
import { logger } from '../runtime/log.ts';
import { checkOutputs, DemoFailed } from './demo/verify-outputs.ts';
import { basePort, readOptions } from './options.ts';
import { readPlatformFile, type PlatformFile } from '../local/platform/platform-file.ts';
import { startPlatform } from '../local/platform/start-platform.ts';
import { runCommand } from './run-cli.ts';
import { follow, type Story } from './thread/follow-comment.ts';
import { person, type Person } from './thread/github-client.ts';
import { signInAddress } from './thread/sign-in.ts';
import { screen } from './thread/screen.ts';

const help = `
npm run demo [-- --data DIR] [--port N]

Starts a local platform, opens an issue as an ordinary user, writes /compute 1000 and /run Hello who=world, and shows the
thread as it changes. Then it fetches the outputs through the links of the reply and checks that all 1 000 inputs are in
them once each. Ends with 0, or with 1 and the reason. Ctrl-C stops it.

  --data DIR   keep the data there (default: a temporary folder, removed at the end)
  --port N     the first of five ports (default 0: any free ones)
`;

const inputs = 1_000;
const limitSeconds = 300;
const done = styleText('green', '✔');

await runCommand(async () => {
  const { values } = readOptions(help, { data: { type: 'string' }, port: { type: 'string' } });
  process.env['LOG_LEVEL'] ??= 'error';
  const stopped = stopRequested().then(() => 130);
  const releases = new Releases();
  const folder = values.data === undefined ? await temporaryFolder(releases) : resolve(values.data);
  try {
    say('Starting Coxswain on this machine …');
    await startPlatform({
      folder,
      port: basePort(values.port, 0),
      releases,
      log: logger('platform'),
    });
    const played = play(await readPlatformFile(folder)).then(() => 0);
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

async function play(platform: PlatformFile): Promise<void> {
  const me = person(platform, platform.github.token);
  const login = platform.github.users.find(({ token }) => token === platform.github.token)?.login ?? 'you';
  const issue = await me.openIssue('How round is a circle?', 'Let us row and see.');
  say(`Issue #${issue.number} is open: ${await signInAddress(platform, issue.html_url)}\n`);
  const compute = await tell(platform, me, login, issue.number, `/compute ${inputs}`);
  const found = await checkOutputs(compute, inputs);
  say(`\n${done} ${found}\n`);
  await tell(platform, me, login, issue.number, '/run Hello who=world');
  say(`\n${done} Both jobs ended well. "npm start" keeps a platform up, with a page to write on.`);
}

async function tell(
  platform: PlatformFile,
  me: Person,
  login: string,
  issue: number,
  body: string,
): Promise<Story> {
  const comment = await me.comment(issue, body);
  const { show } = screen(login, body);
  const story = await follow(platform, me, issue, comment, show, limitSeconds);
  if (!story.reactions.includes('rocket'))
    throw new DemoFailed(
      `${body} did not end well: ${story.jobs.map(({ state, reason }) => `${state} (${reason})`).join(', ') || 'no job'}`,
    );
  return story;
}

function say(text: string): void {
  console.log(text);
}
