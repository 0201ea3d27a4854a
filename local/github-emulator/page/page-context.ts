import { people, repositoryName, type Account, type Accounts } from '../accounts.ts';
import type { Activity } from '../services/services.ts';
import type { Parameters, Route } from '../router.ts';
import type { Comment } from '../store/comments.ts';
import type { Store } from '../store/store.ts';
import { pageAnswer } from './layout.ts';
import { messageView } from './views.ts';

/** What the pages work with. */
export type PageDesk = { store: Store; activity: Activity; accounts: Accounts };

/** A request for a page; `form` is empty without a form. The forms on the page include `formToken`. */
export type Visit = { parameters: Parameters; url: URL; form: URLSearchParams; formToken: string };
export type PageRoute = Route<(visit: Visit) => Response | Promise<Response>>;

export const issuesPath = `/${repositoryName}/issues`;
export const issuePath = `${issuesPath}/:number`;
/** The page of a pull request, or of all of them. */
export const pullPage = (number: number | ':number'): string => `/${repositoryName}/pull/${number}`;
export const commentPath = `${issuePath}/comments/:id`;

/** The comment of a path, if it is one of the path's issue. */
export const commentAt = ({ store }: PageDesk, { id, number }: Parameters): Comment | undefined => {
  const comment = store.comments.get(Number(id));
  return comment?.issue === Number(number) ? comment : undefined;
};

/** The person that a form names. */
export const personIn = (form: URLSearchParams): Account | undefined =>
  people.find(({ login }) => login === form.get('as'));

export const redirect = (to: string): Response =>
  new Response(null, { status: 303, headers: { location: to } });

const message = (status: number, title: string, text: string): Response =>
  pageAnswer(title, messageView(title, text), status);

/** The page for an address that leads nowhere. */
export const missing = (): Response => message(404, 'Not found', 'There is nothing at this address.');

/** The page for a form that was filled in wrongly. */
export const refused = (): Response =>
  message(
    422,
    'Not taken',
    'A text is needed, of at most 65 536 characters, by one of the people of the sandbox.',
  );

/** The page for a form that is not taken for another reason, or not from that person. */
export const notTaken = (reason: string, status = 403): Response => message(status, 'Not taken', reason);

/** The page for a form that another site sent. */
export const foreign = (): Response =>
  message(403, 'Not from here', 'This form was not sent by a page of the sandbox.');

/** The page for a form without a valid token, such as a form from before the user signed in again. */
export const expired = (): Response =>
  message(403, 'Form expired', 'This form has expired. Reload the page and send it again.');
