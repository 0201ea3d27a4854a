import * as v from 'valibot';
import { request, type Octokit } from '../../chatops/github/api-client.ts';
import type { Logger } from '../../runtime/log.ts';
import { subscribedEvents } from './manifest.ts';

const App = v.object({ events: v.optional(v.array(v.string()), []) });

/**
 * Warns if the app was registered before the bot handled some event, and does not subscribe to it. An app without any event has no
 * webhook, and the bot polls. Never rejects.
 * @param app authenticated as the app itself
 */
export const warnAboutMissingEvents = async (app: Octokit, log: Logger): Promise<void> => {
  try {
    const { events } = await request(app, App, 'GET /app');
    const missing = subscribedEvents.filter((event) => !events.includes(event));
    if (events.length === 0 || missing.length === 0) return;
    log.warn(
      { missing },
      `the GitHub App does not subscribe to ${missing.join(', ')}: select these events in the app's settings`,
    );
  } catch (err) {
    log.debug({ err }, 'could not check the events of the app');
  }
};
