import { mayWrite, type GitHubAccount } from '../accounts.ts';
import type { EmulatorServices } from '../services/services.ts';
import type { SerializerContext } from '../serializers/conversation.ts';
import type { Serializers } from '../serializers/serializers.ts';
import type { OtherApp } from '../store/comments.ts';
import type { EmulatorStore } from '../store/store.ts';
import type { WebhookSender } from '../webhooks/webhook-sender.ts';
import type { PathParameters, EmulatorRoute } from '../router.ts';
import { notForAppsResponse, errorResponse } from './responses.ts';
import type { TokenService } from './tokens.ts';

/** The dependencies of the API's handlers. */
export type ApiContext = {
  store: EmulatorStore;
  services: EmulatorServices;
  webhookSender: WebhookSender;
  tokens: TokenService;
  serializerContext: SerializerContext;
  serializers: Serializers;
};

/**
 * An authenticated request. `body`: parsed JSON, undefined if there is none; `accept`: the requested media types; `via`: another app
 * that sends it on behalf of a person.
 */
export type ApiCall = {
  parameters: PathParameters;
  url: URL;
  body: unknown;
  accept: string;
  via: OtherApp | undefined;
};

/**
 * A handler and its callers: `app` is the app itself (with its JSON web token), `account` a person or the installation, all of which may
 * read the repository.
 */
export type ApiHandler =
  | { for: 'app'; answer: (call: ApiCall) => Response }
  | { for: 'account'; answer: (call: ApiCall, account: GitHubAccount) => Response };

export type ApiRoute = EmulatorRoute<ApiHandler>;

/** Returns a route for people and the installation. */
export const accountRoute = (
  method: string,
  path: string,
  answer: (call: ApiCall, account: GitHubAccount) => Response,
): ApiRoute => ({
  method,
  path,
  handle: { for: 'account', answer },
});

/** Returns a route for people who may change the repository's files and settings. The installation may only read those. */
export const writerRoute = (
  method: string,
  path: string,
  answer: (call: ApiCall, account: GitHubAccount) => Response,
): ApiRoute =>
  accountRoute(method, path, (call, account) => {
    if (account.type === 'Bot') return notForAppsResponse();
    return mayWrite(account) ? answer(call, account) : pushRequiredResponse();
  });

/** Returns the response to an account with read access only. */
export const pushRequiredResponse = (): Response =>
  errorResponse(403, 'Must have push access to the repository.');

/** Returns a route for the app itself. */
export const appRoute = (method: string, path: string, answer: (call: ApiCall) => Response): ApiRoute => ({
  method,
  path,
  handle: { for: 'app', answer },
});
