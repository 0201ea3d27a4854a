import * as v from 'valibot';
import { request, type Octokit } from './api-client.ts';

/** The part of a comment that tells who wrote it, as GitHub sends it; a reaction has the same without the app. */
export const Authorship = v.object({
  user: v.nullable(v.object({ id: v.number(), login: v.string(), type: v.optional(v.string(), 'User') })),
  performed_via_github_app: v.nullish(v.object({ id: v.number() })),
});
export type Authorship = v.InferOutput<typeof Authorship>;

/** Who we are on GitHub. */
export interface Identity {
  /** Whether a comment was written, or a reaction given, by us. */
  wrote(comment: Authorship): Promise<boolean>;
}

/**
 * A GitHub App's identity: its id, and its bot's login `<slug>[bot]`, which no person can have. A comment that a person
 * writes through a token of the app carries the app's id too, so the author must be a bot.
 * @param app an Octokit that authenticates as the app itself; asked once, when first needed
 */
export const createAppIdentity = (appId: number, app: Octokit): Identity => {
  let login: Promise<string> | undefined;
  const botLogin = (): Promise<string> => {
    login ??= request(app, v.object({ slug: v.string() }), 'GET /app').then(({ slug }) => `${slug}[bot]`);
    // A failed look-up must not be remembered.
    login.catch(() => (login = undefined));
    return login;
  };
  return {
    wrote: async ({ user, performed_via_github_app: via }) => {
      if (user?.type !== 'Bot') return false;
      return via ? via.id === appId : user.login === (await botLogin());
    },
  };
};
