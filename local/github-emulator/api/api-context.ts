import { mayWrite, type Account } from '../accounts.ts';
import type { Activity } from '../services/services.ts';
import type { Surroundings } from '../serializers/conversation.ts';
import type { Shapes } from '../serializers/serializers.ts';
import type { OtherApp } from '../store/comments.ts';
import type { Store } from '../store/store.ts';
import type { Courier } from '../webhooks/webhook-sender.ts';
import type { Parameters, Route } from '../router.ts';
import { notForApps, refusal } from './responses.ts';
import type { Tokens } from './tokens.ts';

/** What the API's handlers work with. */
export type Desk = {
  store: Store;
  activity: Activity;
  courier: Courier;
  tokens: Tokens;
  surroundings: Surroundings;
  shapes: Shapes;
};

/**
 * A request that may come in: `body` is parsed JSON, undefined if there is none; `accept` the media types it asks for; `via` the
 * other app that sends it for a person.
 */
export type Call = {
  parameters: Parameters;
  url: URL;
  body: unknown;
  accept: string;
  via: OtherApp | undefined;
};

/**
 * A route says who may call it: the `app` itself (with its JSON web token), an `account` (a person or the installation; all of
 * them may read the repository).
 */
export type ApiHandler =
  | { for: 'app'; answer: (call: Call) => Response }
  | { for: 'account'; answer: (call: Call, account: Account) => Response };

export type ApiRoute = Route<ApiHandler>;

/** A route for people and the installation. */
export const forAccounts = (
  method: string,
  path: string,
  answer: (call: Call, account: Account) => Response,
): ApiRoute => ({
  method,
  path,
  handle: { for: 'account', answer },
});

/** A route for people who may change the repository's files and settings; the installation may only read those. */
export const forWriters = (
  method: string,
  path: string,
  answer: (call: Call, account: Account) => Response,
): ApiRoute =>
  forAccounts(method, path, (call, account) => {
    if (account.type === 'Bot') return notForApps();
    return mayWrite(account) ? answer(call, account) : needsPush();
  });

/** The answer to somebody who may only read. */
export const needsPush = (): Response => refusal(403, 'Must have push access to the repository.');

/** A route for the app itself. */
export const forTheApp = (method: string, path: string, answer: (call: Call) => Response): ApiRoute => ({
  method,
  path,
  handle: { for: 'app', answer },
});
