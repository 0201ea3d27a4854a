import { createHash } from 'node:crypto';

import { mayChange, people, repositoryName, type GitHubAccount, type Accounts } from '../accounts.ts';
import type { CommentRow } from '../store/comments.ts';
import { reactionEmoji, type ReactionRow, type ReactionContent } from '../store/reactions.ts';
import { markup, type Html } from './html.ts';
import { renderJobLinks } from './jobs/reply-jobs.ts';
import type { RenderMarkdown } from './markdown.ts';
import { renderTime } from './relative-time.ts';

const roleNames = { maintain: 'Maintainer', write: 'Writer', read: 'Reader' } as const;

/** Returns a version that changes whenever the card of a comment changes. */
export const hashCard = (comment: CommentRow, reactions: readonly ReactionRow[]): string => {
  const content = JSON.stringify([comment.body, comment.updatedAt, reactions.map(({ id }) => id)]);
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
};

type CardOptions = {
  comment: CommentRow;
  reactions: readonly ReactionRow[];
  accounts: Accounts;
  render: RenderMarkdown;
  formToken: string;
  /** Whether the pages can show jobs. */
  hasJobs: boolean;
};

/** Renders a comment as a card of its issue's page. */
export const renderCommentCard = ({
  comment,
  reactions,
  accounts,
  render,
  formToken,
  hasJobs,
}: CardOptions): Html => {
  const { id, body, createdAt, updatedAt } = comment;
  const author = accounts.getById(comment.author);
  const version = hashCard(comment, reactions);
  const isPerson = author.type === 'User';
  return markup`<article class="entry" id="issuecomment-${id}" data-comment="${id}" data-version="${version}" aria-label="Comment by ${author.login}">
  ${renderAvatar(author)}
  <div class="card${isPerson || ' by-bot'}">
    <header>
      ${renderByline(author)} <a class="when" href="#issuecomment-${id}">${renderTime(createdAt)}</a>
      ${updatedAt !== createdAt && markup`<span class="edited" title="${updatedAt}">edited</span>`}
      <span class="spring"></span>
      ${renderRoleBadge(author)}${renderMenu(comment, formToken)}
    </header>
    <div class="body">${render(body)}</div>
    ${hasJobs && renderJobLinks(comment, accounts)}
    ${reactions.length > 0 && renderReactions(reactions, accounts)}
  </div>
</article>`;
};

/** Renders the author's picture, beside the card. */
export const renderAvatar = ({ login, type }: GitHubAccount): Html => {
  const file = `/avatars/${encodeURIComponent(login)}.svg`;
  return markup`<img class="avatar${type === 'Bot' && ' square'}" src="${file}" alt="" width="40" height="40">`;
};

/** Renders the author's name, with a badge for an app. */
export const renderByline = ({ login, type }: GitHubAccount): Html =>
  markup`<strong>${login.replace(/\[bot\]$/, '')}</strong>${type === 'Bot' && markup` <span class="badge bot">bot</span>`}`;

/** Renders a person's role on the repository. An app has none. */
export const renderRoleBadge = ({ role }: GitHubAccount): Html | false =>
  role !== null &&
  markup`<span class="badge" title="May ${role} on this repository">${roleNames[role]}</span>`;

/** Renders the menu for people who may change the comment. The page's script hides it if another person is selected. */
const renderMenu = (comment: CommentRow, formToken: string): Html => {
  const path = `/${repositoryName}/issues/${comment.issue}/comments/${comment.id}`;
  const may = people.filter((person) => mayChange(person, comment)).map(({ login }) => login);
  return markup`<details class="menu" data-may="${may.join(' ')}"><summary aria-label="Edit or delete this comment">···</summary><div>
    <a href="${path}/edit">Edit</a>
    <form action="${path}/delete" data-delete="${formToken}"><input type="hidden" name="as" value="${may[0]}" data-as><button>Delete</button></form>
  </div></details>`;
};

/** Renders the reactions to a comment, with who reacted. */
export const renderReactions = (reactions: readonly ReactionRow[], accounts: Accounts): Html => {
  const contents = Object.keys(reactionEmoji) as ReactionContent[];
  const groups = contents
    .map((content) => ({ content, by: reactions.filter((reaction) => reaction.content === content) }))
    .filter(({ by }) => by.length > 0)
    .map(({ content, by }) => {
      const names = by.map(({ author }) => accounts.getById(author).login).join(', ');
      const face = markup`<span role="img" aria-label="${content}">${reactionEmoji[content]}</span>`;
      return markup`<li title="${names} reacted with ${content}">${face} ${by.length}</li>`;
    });
  return markup`<ul class="reactions" aria-label="Reactions">${groups}</ul>`;
};
