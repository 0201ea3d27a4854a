import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { warnAboutMissingEvents } from '../../../bot/install/check-subscriptions.ts';
import { subscribedEvents } from '../../../bot/install/manifest.ts';
import { createFakeOctokit, createHttpError } from '../../fakes/octokit.ts';

const check = async (answer: () => unknown): Promise<string[]> => {
  const warnings: string[] = [];
  const write = (line: string): void => void warnings.push((JSON.parse(line) as { msg: string }).msg);
  await warnAboutMissingEvents(createFakeOctokit({ 'GET /app': answer }), pino({ level: 'warn' }, { write }));
  return warnings;
};

test('an app from before the bot handled some events gets one warning that names them', async () => {
  expect(await check(() => ({ events: ['issue_comment', 'pull_request'] }))).toEqual([
    "the GitHub App does not subscribe to issues, pull_request_review, pull_request_review_comment: select these events in the app's settings",
  ]);
});

test.each([
  ['with all events', () => ({ events: [...subscribedEvents, 'push'] })],
  ['without a webhook', () => ({ events: [] })],
  ['on a server that does not list events', () => ({})],
  [
    'of which GitHub says nothing for now',
    () => {
      throw createHttpError(500, 'Server Error');
    },
  ],
])('an app %s gets none', async (_what, answer) => {
  expect(await check(answer)).toEqual([]);
});
