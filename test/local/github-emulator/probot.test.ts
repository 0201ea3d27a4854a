import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createNodeMiddleware, Probot } from 'probot';

import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import {
  app,
  createUserClient,
  waitFor,
  openTestEmulator,
  createTemporaryFolder,
} from '../../fixtures/github-emulator.ts';

type Thing = { id: number; body: string; user: { login: string }; reactions: { eyes: number } };

describe('a real Probot', () => {
  const { folder, remove } = createTemporaryFolder();
  const bot = createServer();
  const permissions: string[] = [];
  let emulator: GitHubEmulator;

  beforeAll(async () => {
    await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
    emulator = await openTestEmulator(
      folder,
      `http://127.0.0.1:${(bot.address() as AddressInfo).port}/webhooks`,
    );
    const { id: appId, privateKey, webhookSecret: secret } = app;
    const probot = new Probot({
      appId,
      privateKey,
      secret,
      baseUrl: `${emulator.url}/api/v3`,
      logLevel: 'fatal',
    });
    const answer = await createNodeMiddleware(
      (robot) => {
        robot.on('issue_comment.created', async (context) => {
          if (context.isBot) return;
          const { sender, comment } = context.payload;
          const { rest } = context.octokit;
          const { data } = await rest.repos.getCollaboratorPermissionLevel(
            context.repo({ username: sender.login }),
          );
          permissions.push(data.permission);
          await rest.reactions.createForIssueComment(
            context.repo({ comment_id: comment.id, content: 'eyes' }),
          );
          await rest.issues.createComment(context.issue({ body: `Heard: ${comment.body}` }));
        });
      },
      { probot, webhooksPath: '/webhooks' },
    );
    bot.on('request', (request, response) => void answer(request, response));
  });
  afterAll(async () => {
    await emulator.close();
    await new Promise<void>((resolve) => {
      bot.close(() => resolve());
      bot.closeAllConnections();
    });
    remove();
  });

  test('lives on it: app token, installation token, signed webhook, permission, reaction, comment', async () => {
    const mona = createUserClient(emulator, 'maintain');
    await mona('POST', '/repos/acme/ops/issues/1/comments', { body: 'hello' });
    const [asked, reply] = await waitFor(async () => {
      const all = (await mona('GET', '/repos/acme/ops/issues/1/comments')).body as Thing[];
      return all.length === 2 ? all : undefined;
    });
    expect(reply).toMatchObject({ body: 'Heard: hello', user: { login: 'coxswain[bot]' } });
    expect(asked).toMatchObject({ reactions: { eyes: 1 } });
    expect(permissions).toEqual(['write']);
  });
});
