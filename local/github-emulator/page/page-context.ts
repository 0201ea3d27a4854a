import { people, repositoryName, type GitHubAccount, type Accounts } from '../accounts.ts';
import type { Logger } from '../../../runtime/log.ts';
import type { FileCheck } from './file-check.ts';
import type { RepositoryJobs } from './jobs/job-source.ts';
import type { EmulatorServices } from '../services/services.ts';
import type { PathParameters, EmulatorRoute } from '../router.ts';
import type { CommentRow } from '../store/comments.ts';
import type { EmulatorStore } from '../store/store.ts';
import { createPage, type PageContent, type Site } from './layout.ts';
import { renderMessage } from './message.ts';

/** The dependencies of the pages. */
export type PageContext = {
  store: EmulatorStore;
  services: EmulatorServices;
  accounts: Accounts;
  site: Site;
  /** The jobs of the repository, if an orchestrator is attached. */
  jobs: RepositoryJobs | undefined;
  /** Checks a file before it is committed, if a reader of it is attached. */
  fileCheck: FileCheck | undefined;
  log: Logger;
};

/** A request for a page; `form` is empty without a form. The forms on the page include `formToken`. */
export type PageRequest = { parameters: PathParameters; url: URL; form: URLSearchParams; formToken: string };
type PageAnswer = Response | PageContent;
export type PageRoute = EmulatorRoute<(pageRequest: PageRequest) => PageAnswer | Promise<PageAnswer>>;

export const issuesPath = `/${repositoryName}/issues`;
export const issuePath = `${issuesPath}/:number`;
/** Returns the path of a pull request's page, or the pattern of all of them. */
export const buildPullPath = (number: number | ':number'): string => `/${repositoryName}/pull/${number}`;
export const commentPath = `${issuePath}/comments/:id`;

/** Returns the comment in a path, if it belongs to the issue in the path. */
export const findComment = (
  { store }: PageContext,
  { id, number }: PathParameters,
): CommentRow | undefined => {
  const comment = store.comments.get(Number(id));
  return comment?.issue === Number(number) ? comment : undefined;
};

/** Returns the person that a form names. */
export const findPerson = (form: URLSearchParams): GitHubAccount | undefined =>
  people.find(({ login }) => login === form.get('as'));

export const redirectResponse = (to: string): Response =>
  new Response(null, { status: 303, headers: { location: to } });

const createMessagePage = (status: number, title: string, text: string): PageContent =>
  createPage(title, renderMessage(title, text), status);

/** Returns the page for an unknown address. */
export const notFoundPage = (): PageContent =>
  createMessagePage(404, 'Not found', 'This page does not exist.');

/** Returns the page for an invalid form. */
export const invalidFormPage = (): PageContent =>
  createMessagePage(422, 'Invalid form', 'Enter a text of at most 65 536 characters, and select a person.');

/** Returns the page for a form that is refused for another reason, or from this person. */
export const forbiddenPage = (reason: string, status = 403): PageContent =>
  createMessagePage(status, 'Not allowed', reason);

/** Returns the page for a form that was sent by another site. */
export const crossOriginPage = (): PageContent =>
  createMessagePage(403, 'Request refused', 'This form was sent by another site.');

/** Returns the page for a form without a valid token, such as one from before the user signed in again. */
export const expiredFormPage = (): PageContent =>
  createMessagePage(403, 'Form expired', 'This form has expired. Reload the page and send it again.');
