import type { Account } from '../accounts.ts';
import type { Activity } from '../activity.ts';
import type { Surroundings } from '../shapes/conversation.ts';
import type { Store } from '../store/index.ts';
import type { Courier } from '../webhooks/courier.ts';
import type { Parameters, Route } from '../router.ts';
import type { Tokens } from './tokens.ts';

/** What the API's handlers work with. */
export type Desk = {
  store: Store;
  activity: Activity;
  courier: Courier;
  tokens: Tokens;
  surroundings: Surroundings;
};

/** A request that may come in: `body` is parsed JSON, undefined if there is none. */
export type Call = { parameters: Parameters; url: URL; body: unknown };

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

/** A route for the app itself. */
export const forTheApp = (method: string, path: string, answer: (call: Call) => Response): ApiRoute => ({
  method,
  path,
  handle: { for: 'app', answer },
});
