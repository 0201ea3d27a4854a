import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWebhook } from '../fixtures/signed-webhook.ts';
import { buildSecret, openInstallation, type Installation } from './fixtures/installation.ts';

let installation: Installation;
beforeAll(async () => {
  installation = await openInstallation();
  await installation.upgrade();
  await installation.waitForBot();
});
afterAll(() => installation.remove());

const toIsoSeconds = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');

test('without an address for webhooks, the bot answers comments by its sweep', async () => {
  installation.reachBot(false);
  const comment = await installation.write('/compute 3');
  // For a minute, the sweep leaves a comment to its webhook.
  installation.github.testControl.setCommentDate(comment.id, toIsoSeconds(Date.now() - 120_000));
  const outcome = await installation.follow(comment);
  expect(outcome.jobs).toMatchObject([{ state: 'completed', progress: { done: 3, failed: 0 } }]);
  expect(outcome.reactions).toContain('rocket');
});

test('after its Secret has changed, the bot restarts with the new values', async () => {
  const { api } = installation;
  const comment = await installation.write('/help');
  const webhook = await createWebhook({ file: async () => installation.describe() }, comment);
  const { webhookSecret: before } = installation.describe().bot;
  const after = 'the next secret of the webhooks';
  expect(await webhook.send(undefined, before)).toBe(200);
  expect(await webhook.send(undefined, after)).toBe(400);

  await installation.apply(
    buildSecret('coxswain-bot', { ...installation.botSecret(), 'webhook-secret': after }),
  );
  const [ended] = await api.waitUntil(
    'a restart of the bot',
    async () => {
      const pods = await api.listPods('bot');
      const statuses = pods.flatMap(({ status }) => status.containerStatuses);
      return statuses.every(({ ready, restartCount }) => ready && restartCount === 1) && statuses;
    },
    300,
  );
  expect(ended?.lastState['terminated']).toMatchObject({ exitCode: 0, reason: 'Completed' });
  expect(await webhook.send(undefined, before)).toBe(400);
  expect(await webhook.send(undefined, after)).toBe(200);
});
