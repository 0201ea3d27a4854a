import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { openStore } from '../../local/github-emulator/store/index.ts';
import { readMarker } from '../../chatops/reply/index.ts';
import type { Comment } from '../../cli/thread/github.ts';
import { httpLeases, type Leases } from '../../compute/client/index.ts';
import { startStep, type Ended, type RunningStep } from '../action/stage/step.ts';
import { deskOf, type Desk } from './desk.ts';
import { localPlatform, until, type LocalPlatform } from './local-platform.ts';
import { webhookOf } from './signed.ts';

/** A repository with both entries: a local platform with its bot, and the Action, started on comments as the runner does. */
export type Both = {
  platform: LocalPlatform;
  desk: Desk;
  leases: Leases;
  /** Those of the Action's key: it has the leases of its replies to itself. */
  actionLeases: Leases;
  /** The prefix of leases about the repository: `entry/` or `reply/`, and this. */
  scope: string;
  /** Starts the Action on a new comment, or on one that said `before` until now. */
  run: (comment: Comment, before?: string) => Promise<RunningStep>;
  /** The bot does nothing while this is done, not even hear. */
  withoutBot: <T>(work: () => Promise<T>) => Promise<T>;
  /** Tells the bot of a comment once more; resolves when it has seen to it. */
  tellBot: (comment: Comment) => Promise<void>;
  /** Holds that a comment has one reply, which says so, and so many jobs, and that only who replied has decided. @returns who that is */
  one: (comment: Comment, jobs: number, says: RegExp) => Promise<string>;
};

/** Under which names app and Action write. */
export const bots = { app: 'coxswain[bot]', action: 'github-actions[bot]' } as const;

/** What the runs of the Action have printed, by the comment's id. */
type Printed = Map<number, string[]>;

const key = randomBytes(32).toString('hex');

/** Its key may do what a workflow needs beside an app, on this repository alone. */
const keysFor = (repository: number): string =>
  JSON.stringify([
    {
      name: 'the Action',
      sha256: createHash('sha256').update(key).digest('hex'),
      scopes: ['start', 'read', 'approve'],
      tasks: '*',
      repositories: [repository],
    },
  ]);

export const openBoth = async (): Promise<Both> => {
  let repository = 0;
  const platform = await localPlatform((folder) => {
    const store = openStore(join(folder, 'github'));
    repository = store.settings.repositoryId;
    store.close();
    return { COXSWAIN_KEYS: keysFor(repository) };
  });
  const desk = deskOf(platform);
  const printed: Printed = new Map();
  const { orchestrator } = await platform.file();
  return {
    platform,
    desk,
    leases: httpLeases(orchestrator),
    actionLeases: httpLeases({ url: orchestrator.url, key }),
    scope: `127.0.0.1/${repository}`,
    run: async (comment, before) => {
      const step = await runOn(platform, { comment, before, repository });
      const keep = ({ said }: Ended): void =>
        void printed.set(comment.id, [...(printed.get(comment.id) ?? []), said]);
      void step.ended.then(keep);
      return step;
    },
    withoutBot: async (work) => {
      const bot = (await platform.file()).children.find(({ name }) => name === 'bot');
      if (!bot) throw new Error('There is no bot');
      process.kill(bot.pid, 'SIGSTOP');
      try {
        return await work();
      } finally {
        process.kill(bot.pid, 'SIGCONT');
      }
    },
    tellBot: async (comment) => {
      const { send } = await webhookOf(platform, comment);
      await until('the bot', async () => (await send().catch(() => 0)) === 200);
    },
    one: async (comment, jobs, says) => {
      await desk.reply(comment, says);
      const replies = (await desk.thread()).filter(({ body }) => readMarker(body)?.comment === comment.id);
      expect(await desk.jobs(comment)).toHaveLength(jobs);
      const [reply, ...more] = replies.map(({ user }) => user.login);
      const ran = (printed.get(comment.id) ?? []).join('\n');
      const deciders = [decides(platform.said(), comment) && bots.app, decides(ran, comment) && bots.action];
      expect([deciders.filter(Boolean), more]).toEqual([[reply], []]);
      return reply ?? '';
    },
  };
};

/** Whether a log tells of a decision on a comment. */
const decides = (log: string, { id }: Comment): boolean =>
  log.split('\n').some((line) => /"(?:allowed|audit)":/.test(line) && line.includes(`"comment":${id}}`));

type Told = { comment: Comment; before: string | undefined; repository: number };

const runOn = async (
  platform: LocalPlatform,
  { comment, before, repository }: Told,
): Promise<RunningStep> => {
  const { github, orchestrator } = await platform.file();
  const { user } = comment;
  return startStep({
    inputs: {
      'orchestrator-url': orchestrator.url,
      'orchestrator-key': key,
      'github-token': github.workflowToken,
    },
    environment: {
      GITHUB_API_URL: `${github.url}/api/v3`,
      GITHUB_SERVER_URL: github.url,
      GITHUB_REPOSITORY: github.repository,
      GITHUB_REPOSITORY_ID: String(repository),
      GITHUB_EVENT_NAME: 'issue_comment',
      GITHUB_ACTOR: user.login,
      GITHUB_TRIGGERING_ACTOR: user.login,
    },
    event: {
      action: before === undefined ? 'created' : 'edited',
      issue: { number: github.issue, labels: [], comments: 1 },
      comment,
      repository: { id: repository, full_name: github.repository },
      sender: user,
      ...(before === undefined ? {} : { changes: { body: { from: before } } }),
    },
  });
};
