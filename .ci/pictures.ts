import { join } from 'node:path';
import { chdir } from 'node:process';
import type { Page } from 'playwright-core';
import { loadMarkdownRenderer } from '../local/github-emulator/page/markdown.ts';
import { startTestPlatform } from '../test/fixtures/local-platform.ts';
import { takeAzure } from './azure-picture.ts';
import { compose, shoot, waitForReply, withScene, type Frame, type Scene } from './picture-scene.ts';
import { runAction } from './run-action.ts';
import { renderTerminal } from './terminal-picture.ts';

/*
 * `node .ci/pictures.ts`: takes the pictures of docs/ again, of a local platform in Chromium (/usr/bin/chromium). The picture `azure` also needs
 * what the runner's image needs in `npm run verify`.
 */

chdir(join(import.meta.dirname, '..'));

const takeReply = async (scene: Scene): Promise<void> => {
  const comment = await scene.thread.write('octavia', '/compute 1000 samples=50000');
  const asked = await shoot(scene, comment.id);
  const reply = await waitForReply(scene, comment, /\b[1-6]\d\d\/1000/);
  const running = await shoot(scene, reply.id, /\b[1-9]\d\d\/1000/);
  await scene.thread.waitForReply(comment, /result\.json/);
  const done = await shoot(scene, reply.id, /result\.json/);
  await compose(scene, 'reply', [
    { caption: 'octavia comments on an issue', images: [asked] },
    { caption: 'The reply, while the job runs', images: [running] },
    { caption: 'The same reply, when the job is done', images: [done] },
  ]);
};

const takeApproval = async (scene: Scene): Promise<void> => {
  const asked = await scene.thread.write('tomas', '/run Deploy place=staging version=1.2');
  const reply = await waitForReply(scene, asked, /\/approve \w+/);
  const [, code = ''] = /\/approve (\w+)/.exec(reply.body) ?? [];
  const request = [await shoot(scene, asked.id), await shoot(scene, reply.id, /\/approve/)];
  const approval = await scene.thread.write('priya', `The release notes look good.\n\n/approve ${code}`);
  const confirmed = await waitForReply(scene, approval, /./);
  await scene.thread.waitForReply(asked, /\/log/);
  const approved = [
    await shoot(scene, approval.id),
    await shoot(scene, confirmed.id),
    await shoot(scene, reply.id, /exit code/),
  ];
  await compose(scene, 'approval', [
    { caption: 'tomas requests a deployment', images: request },
    { caption: 'priya approves it', images: approved },
  ]);
};

const takeIncomplete = async (scene: Scene): Promise<void> => {
  const comment = await scene.thread.write('octavia', '/run Deploy place=staging verison=latest');
  const reply = await waitForReply(scene, comment, /try again/);
  const images = [await shoot(scene, comment.id), await shoot(scene, reply.id)];
  await compose(scene, 'incomplete', [{ caption: 'octavia mistypes a parameter', images }]);
};

const takeRefusal = async (scene: Scene): Promise<void> => {
  const frames: Frame[] = [];
  for (const [login, caption] of [
    ['rhea', 'rhea has read access'],
    ['tomas', 'The policy does not allow the version that tomas asks for'],
  ] as const) {
    const comment = await scene.thread.write(login, '/run Deploy place=production version=0.9');
    const reply = await waitForReply(scene, comment, /./);
    frames.push({ caption, images: [await shoot(scene, comment.id), await shoot(scene, reply.id)] });
  }
  await compose(scene, 'refusal', frames);
};

const takeCommands = async (scene: Scene): Promise<void> => {
  const frames: Frame[] = [];
  const add = async (caption: string, login: string, body: string, says = /./): Promise<void> => {
    const comment = await scene.thread.write(login, body);
    const reply = await waitForReply(scene, comment, says);
    frames.push({ caption, images: [await shoot(scene, comment.id), await shoot(scene, reply.id)] });
  };
  await add('Take a lock', 'octavia', '/lock deploy/staging reason="new disks"');
  await add('See what a command would do', 'tomas', '/explain run Deploy place=staging version=1.3');
  await add('Run a task', 'tomas', '/run Countdown seconds=60');
  await add('See the jobs of the thread', 'tomas', '/status');
  await add('See the log of the last job', 'tomas', '/logs');
  await add('Cancel it', 'tomas', '/cancel');
  await add('List and release locks', 'octavia', '/locks\n/unlock deploy/staging');
  await add('See what you may run', 'octavia', '/tasks');
  await compose(scene, 'commands', frames);
};

/** Takes a picture of a command and its reply, once its job has ended. */
const takeJob = async (scene: Scene, name: string, caption: string, command: string): Promise<void> => {
  const comment = await scene.thread.write('octavia', command);
  const reply = await waitForReply(scene, comment, /Outputs: /);
  const images = [await shoot(scene, comment.id), await shoot(scene, reply.id, /Outputs: /)];
  await compose(scene, name, [{ caption, images }]);
};

/** Takes pictures of the list of jobs, and of a job with its log while it runs. */
const takeJobs = async (scene: Scene): Promise<void> => {
  const { page, thread } = scene;
  const computed = await thread.write('octavia', '/compute 1000 samples=2000');
  const hello = await thread.write('mona', '/run Hello who=world');
  const failed = await thread.write('octavia', '/run StopVM VMName=web-1 ResourceGroupName=rg-a');
  await thread.write('tomas', '/run Deploy place=staging version=1.2');
  await Promise.all([
    thread.waitForJob(computed, 'completed'),
    thread.waitForJob(hello, 'completed'),
    thread.waitForJob(failed, 'failed'),
  ]);
  const running = await thread.write('octavia', '/run Countdown seconds=45');
  await thread.waitForJob(running, 'running');
  const home = page.url();
  await page.getByRole('link', { name: 'Jobs', exact: true }).first().click();
  await page.locator('.jobs li').filter({ hasText: 'running' }).waitFor();
  const list = await page.screenshot({ fullPage: true, clip: await measure(page) });
  await page.getByRole('link', { name: '/run Countdown seconds=45' }).click();
  await page.getByRole('group', { name: 'Log' }).filter({ hasText: '36' }).waitFor();
  const job = await page.screenshot({ fullPage: true, clip: await measure(page) });
  await page.goto(home);
  await page.getByText('live', { exact: true }).waitFor();
  await compose(scene, 'jobs', [
    { caption: 'The jobs of the repository', images: [list] },
    { caption: 'A job, with its log while it runs', images: [job] },
  ]);
};

/** Returns the part of a page that has content. */
const measure = async (page: Page) => {
  const main = await page.locator('main').boundingBox();
  return { x: 0, y: 0, width, height: (main?.y ?? 0) + (main?.height ?? 0) - 32 };
};

const takeFiles = (scene: Scene): Promise<void> =>
  takeJob(scene, 'files', 'A task delivers a summary, a picture and a table', '/run Report');

const takeFailedLog = (scene: Scene): Promise<void> =>
  takeJob(scene, 'failed-log', 'A task fails, and its log says why', '/run Report days=1000');

const takeSummary = async (scene: Scene): Promise<void> => {
  const render = await loadMarkdownRenderer({ byLogin: () => undefined });
  const toHtml = (text: string): string =>
    `<div class="card"><div class="body">${render(text).text}</div></div>`;
  const computed = await runAction(scene.platform, { compute: '1000', parameters: '{"samples":2000}' });
  const failed = await runAction(scene.platform, {
    task: 'StopVM',
    parameters: '{"VMName":"web-1","ResourceGroupName":"rg-a"}',
  });
  await compose(scene, 'summary', [
    { caption: 'The summary of a computation', html: toHtml(computed) },
    { caption: 'The summary of a task that fails', html: toHtml(failed) },
  ]);
};

const takeCli = async (scene: Scene): Promise<void> =>
  compose(scene, 'cli', [{ caption: 'The command line', html: await renderTerminal(scene.platform) }]);

const pictures = {
  reply: takeReply,
  approval: takeApproval,
  refusal: takeRefusal,
  incomplete: takeIncomplete,
  commands: takeCommands,
  files: takeFiles,
  'failed-log': takeFailedLog,
  summary: takeSummary,
  cli: takeCli,
  // Last: it leaves the thread's page.
  jobs: takeJobs,
};
const wanted = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);

const taken = Object.entries(pictures).filter(([name]) => isWanted(name));
if (taken.length > 0) {
  const platform = await startTestPlatform();
  try {
    await withScene(platform, async (scene) => {
      for (const [, take] of taken) await take(scene);
    });
  } finally {
    await platform.remove();
  }
}
if (isWanted('azure')) await takeAzure();
