import type { Sandbox } from '../github-emulator/github-emulator.ts';
import type { LocalCompute } from '../compute/start-compute.ts';
import type { Releases } from '../../runtime/lifecycle.ts';
import type { Supervised } from '../../runtime/supervised-child.ts';
import { removePlatformFile, writePlatformFile, type PlatformFile } from './platform-file.ts';
import type { Secrets } from './secrets.ts';

export type Published = {
  folder: string;
  secrets: Secrets;
  compute: LocalCompute;
  sandbox: Sandbox;
  bot: Supervised;
  botUrl: string;
  webhookUrl: string;
  releases: Releases;
};

/** How often the children are compared with what the file says. */
const lookMilliseconds = 500;

/** Writes `platform.json`, and again whenever the children change, until the platform ends. */
export const publish = async (platform: Published): Promise<void> => {
  const { folder, releases } = platform;
  let written = '';
  const write = async (): Promise<void> => {
    const content = contentOf(platform);
    const text = JSON.stringify(content);
    if (text === written) return;
    await writePlatformFile(folder, content);
    written = text;
  };
  await write();
  let writing = Promise.resolve();
  const timer = setInterval(() => {
    writing = writing.then(write, write);
  }, lookMilliseconds);
  releases.add('platform.json', async () => {
    clearInterval(timer);
    await writing;
    await removePlatformFile(folder);
  });
};

const contentOf = ({ secrets, compute, sandbox, bot, botUrl, webhookUrl }: Published): PlatformFile => ({
  v: 1,
  pid: process.pid,
  orchestrator: { url: compute.url, key: secrets.functionKey },
  bot: { url: botUrl, webhookUrl, webhookSecret: secrets.webhookSecret },
  github: {
    url: sandbox.url,
    page: sandbox.page,
    signInKey: sandbox.signInKey,
    repository: sandbox.repository,
    issue: sandbox.issue,
    installation: sandbox.installation,
    token: firstWriter(sandbox).token,
    workflowToken: sandbox.workflowToken,
    users: [...sandbox.users],
  },
  storage: { connectionString: compute.connectionString },
  dashboard: null,
  children: [{ name: 'bot', pid: bot.current().pid }, ...compute.children()],
});

const firstWriter = ({ users }: Sandbox): Sandbox['users'][number] => {
  const found = users.find(({ role }) => role === 'write');
  if (!found) throw new Error('The embedded GitHub has nobody who may write');
  return found;
};
