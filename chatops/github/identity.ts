import * as v from 'valibot';
import { request, type Octokit } from './api-client.ts';

/** The fields of a comment that identify its author, as GitHub sends them; a reaction has the same fields without the app. */
export const Authorship = v.object({
  user: v.nullable(v.object({ id: v.number(), login: v.string(), type: v.optional(v.string(), 'User') })),
  performed_via_github_app: v.nullish(v.object({ id: v.number() })),
});
export type Authorship = v.InferOutput<typeof Authorship>;

/** Recognizes our own comments and reactions. */
export interface Identity {
  /** Returns whether we wrote a comment or added a reaction. */
  isOwn(comment: Authorship): Promise<boolean>;
}

/**
 * Returns the identity of a GitHub App: its id, and its bot's login `<slug>[bot]`, which no person can have. A comment that a person
 * posts with a token of the app also carries the app's id, so the author must be a bot.
 * @param app an Octokit that authenticates as the app itself; the slug is requested once, when it is first needed
 */
export const createAppIdentity = (appId: number, app: Octokit): Identity => {
  let login: Promise<string> | undefined;
  const botLogin = (): Promise<string> => {
    login ??= request(app, v.object({ slug: v.string() }), 'GET /app').then(({ slug }) => `${slug}[bot]`);
    // A failed request must not be cached.
    login.catch(() => (login = undefined));
    return login;
  };
  return {
    isOwn: async ({ user, performed_via_github_app: via }) => {
      if (user?.type !== 'Bot') return false;
      return via ? via.id === appId : user.login === (await botLogin());
    },
  };
};
