import type { GitHubEmulator } from '../github-emulator/github-emulator.ts';
import type { LocalCompute } from '../compute/start-compute.ts';
import type { Releases } from '../../runtime/lifecycle.ts';
import type { SupervisedChild } from '../../runtime/supervised-child.ts';
import { removePlatformFile, writePlatformFile, type PlatformFile } from './platform-file.ts';
import type { PlatformSecrets } from './secrets.ts';

export type RunningPlatform = {
  folder: string;
  secrets: PlatformSecrets;
  compute: LocalCompute;
  github: GitHubEmulator;
  bot: SupervisedChild;
  botUrl: string;
  webhookUrl: string;
  releases: Releases;
};

/** How often the children are compared with the file. */
const checkMilliseconds = 500;

/** Writes `platform.json`, and updates it whenever the children change, until the platform stops. */
export const publishPlatformFile = async (platform: RunningPlatform): Promise<void> => {
  const { folder, releases } = platform;
  let written = '';
  const write = async (): Promise<void> => {
    const content = buildContent(platform);
    const text = JSON.stringify(content);
    if (text === written) return;
    await writePlatformFile(folder, content);
    written = text;
  };
  await write();
  let writing = Promise.resolve();
  const timer = setInterval(() => {
    writing = writing.then(write, write);
  }, checkMilliseconds);
  releases.add('platform.json', async () => {
    clearInterval(timer);
    await writing;
    await removePlatformFile(folder);
  });
};

const buildContent = ({
  secrets,
  compute,
  github,
  bot,
  botUrl,
  webhookUrl,
}: RunningPlatform): PlatformFile => ({
  v: 1,
  pid: process.pid,
  orchestrator: { url: compute.url, key: secrets.functionKey },
  bot: { url: botUrl, webhookUrl, webhookSecret: secrets.webhookSecret },
  github: {
    url: github.url,
    page: github.page,
    signInKey: github.signInKey,
    repository: github.repository,
    issue: github.issue,
    installation: github.installation,
    token: getFirstWriter(github).token,
    workflowToken: github.workflowToken,
    users: [...github.users],
  },
  storage: { connectionString: compute.connectionString },
  dashboard: null,
  children: [{ name: 'bot', pid: bot.current().pid }, ...compute.children()],
});

const getFirstWriter = ({ users }: GitHubEmulator): GitHubEmulator['users'][number] => {
  const found = users.find(({ role }) => role === 'write');
  if (!found) throw new Error('The embedded GitHub has no account with write access');
  return found;
};
