import { people, repositoryName, type GitHubAccount, type Accounts } from '../accounts.ts';
import type { EmulatorServices } from '../services/services.ts';
import type { PathParameters, EmulatorRoute } from '../router.ts';
import type { CommentRow } from '../store/comments.ts';
import type { EmulatorStore } from '../store/store.ts';
import { pageResponse } from './layout.ts';
import { renderMessage } from './views.ts';

/** What the pages work with. */
export type PageContext = { store: EmulatorStore; services: EmulatorServices; accounts: Accounts };

/** A request for a page; `form` is empty without a form. The forms on the page include `formToken`. */
export type PageRequest = { parameters: PathParameters; url: URL; form: URLSearchParams; formToken: string };
export type PageRoute = EmulatorRoute<(pageRequest: PageRequest) => Response | Promise<Response>>;

export const issuesPath = `/${repositoryName}/issues`;
export const issuePath = `${issuesPath}/:number`;
/** The page of a pull request, or of all of them. */
export const buildPullPath = (number: number | ':number'): string => `/${repositoryName}/pull/${number}`;
export const commentPath = `${issuePath}/comments/:id`;

/** The comment of a path, if it is one of the path's issue. */
export const findComment = (
  { store }: PageContext,
  { id, number }: PathParameters,
): CommentRow | undefined => {
  const comment = store.comments.get(Number(id));
  return comment?.issue === Number(number) ? comment : undefined;
};

/** The person that a form names. */
export const findPerson = (form: URLSearchParams): GitHubAccount | undefined =>
  people.find(({ login }) => login === form.get('as'));

export const redirectResponse = (to: string): Response =>
  new Response(null, { status: 303, headers: { location: to } });

const messageResponse = (status: number, title: string, text: string): Response =>
  pageResponse(title, renderMessage(title, text), status);

/** The page for an address that leads nowhere. */
export const notFoundPage = (): Response =>
  messageResponse(404, 'Not found', 'There is nothing at this address.');

/** The page for a form that was filled in wrongly. */
export const invalidFormPage = (): Response =>
  messageResponse(
    422,
    'Not taken',
    'A text is needed, of at most 65 536 characters, by one of the people of the sandbox.',
  );

/** The page for a form that is not taken for another reason, or not from that person. */
export const forbiddenPage = (reason: string, status = 403): Response =>
  messageResponse(status, 'Not taken', reason);

/** The page for a form that another site sent. */
export const crossOriginPage = (): Response =>
  messageResponse(403, 'Not from here', 'This form was not sent by a page of the sandbox.');

/** The page for a form without a valid token, such as a form from before the user signed in again. */
export const expiredFormPage = (): Response =>
  messageResponse(403, 'Form expired', 'This form has expired. Reload the page and send it again.');
