import * as v from 'valibot';

import { mayWrite, repositoryName, type Account, type Accounts } from '../accounts.ts';
import { refOfBranch, type Branch } from '../services/files.ts';
import { refOf } from '../git/repository.ts';
import { fileShape } from '../serializers/git.ts';
import type { Pull } from '../store/pulls.ts';
import { invalid, json, notFound, refusal } from './responses.ts';
import { bodyAs } from './request-bodies.ts';
import { forAccounts, needsPush, type ApiRoute, type Call, type Desk } from './api-context.ts';
import { listAnswer, pageAnswer, pageOf, stateOf } from './pagination.ts';

const base = `/repos/${repositoryName}/pulls`;

/** Pull requests, and the files that they change. Their conversations are issues. */
export const pullRoutes = (desk: Desk): readonly ApiRoute[] => {
  const { store, shapes, surroundings } = desk;
  const onPull =
    (answer: (pull: Pull, call: Call) => Response) =>
    (call: Call): Response => {
      const pull = store.pulls.get(Number(call.parameters['number']));
      return pull ? answer(pull, call) : notFound();
    };
  return [
    forAccounts('GET', base, ({ url }) => {
      const page = pageOf(url.searchParams);
      const state = stateOf(url.searchParams);
      const pulls = store.pulls.list({ ...page, ...state });
      return pageAnswer(pulls.map(shapes.pull), store.pulls.count(state.state), page, url);
    }),
    forAccounts('POST', base, ({ body }, account) => proposing(desk, body, account)),
    forAccounts(
      'GET',
      `${base}/:number`,
      onPull((pull) => json(200, shapes.fullPull(pull))),
    ),
    forAccounts(
      'GET',
      `${base}/:number/files`,
      onPull((pull, { url }) =>
        listAnswer(
          shapes.filesOf(pull),
          (file) => fileShape(file, pull.headSha, surroundings.addresses),
          url,
        ),
      ),
    ),
  ];
};

const pullBody = v.object({
  title: v.pipe(v.string(), v.trim(), v.nonEmpty()),
  head: v.pipe(v.string(), v.nonEmpty()),
  base: v.pipe(v.string(), v.nonEmpty()),
  body: v.optional(v.nullable(v.string())),
});

const proposing = (desk: Desk, body: unknown, account: Account): Response => {
  const { store, activity, shapes, surroundings } = desk;
  const wanted = bodyAs(pullBody, body, 'PullRequest');
  if (wanted instanceof Response) return wanted;
  const head = branchOf(wanted.head, surroundings.accounts);
  const fault = head ? unlike(desk, head, wanted.base) : wrongField('head');
  if (!head || fault) return fault ?? wrongField('head');
  // From a fork anybody proposes who can read; from the repository itself who could push the branch.
  if (head.fork === null && !mayWrite(account)) return needsPush();
  const { number } = activity.propose(account, {
    title: wanted.title,
    body: wanted.body ?? '',
    base: wanted.base,
    head,
  });
  const shape = shapes.fullPull(store.pulls.get(number) as Pull);
  return json(201, shape, { location: shape.url });
};

/** The branch that `branch` or `owner:branch` means; the owner of the repository is its own fork's, so to say. */
const branchOf = (head: string, accounts: Accounts): Branch | undefined => {
  const [name, owner] = head.split(':').toReversed() as [string, string | undefined];
  if (owner === undefined || owner === repositoryName.split('/')[0]) return { name, fork: null };
  const account = accounts.byLogin(owner);
  return account && { name, fork: account.id };
};

/** GitHub's answer if nothing can be proposed from that branch to that base. */
const unlike = ({ store }: Desk, head: Branch, base: string): Response | undefined => {
  const [from, to] = [store.refs.get(refOfBranch(head)), store.refs.get(refOf(base))];
  if (to === undefined) return wrongField('base');
  if (from === undefined) return wrongField('head');
  const told = (message: string) =>
    refusal(422, 'Validation Failed', { errors: [{ resource: 'PullRequest', code: 'custom', message }] });
  if (from === to) return told(`No commits between ${base} and ${head.name}`);
  return store.pulls.openFrom(head.name, head.fork).length > 0
    ? told(`A pull request already exists for ${head.name}.`)
    : undefined;
};

const wrongField = (field: string): Response => invalid({ resource: 'PullRequest', code: 'invalid', field });
