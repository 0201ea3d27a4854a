import { readFile } from 'node:fs/promises';
import type { CommentKind } from '../contracts/comment-id.ts';
import { mayContainCommand } from '../chatops/command/parser/may-contain-command.ts';
import { readInputText, commandInputs } from './inputs/input-definitions.ts';

type CommentEvent = { action?: unknown; comment?: { body?: unknown }; review?: { body?: unknown } };

const commentEvents: readonly (string | undefined)[] = [
  'issue_comment',
  'pull_request_review_comment',
  'pull_request_review',
] satisfies readonly CommentKind[];

/** The actions that bring new text. */
const newTextActions = ['created', 'submitted', 'edited'];

/**
 * Returns false if the step would only read a comment, and that comment contains no command or was neither written nor edited. This is
 * a fast check before the rest of the bundle is loaded: false positives are allowed, false negatives are not.
 */
export const mayBeRelevant = async (environment: NodeJS.ProcessEnv): Promise<boolean> => {
  const { GITHUB_EVENT_NAME: event, GITHUB_EVENT_PATH: path } = environment;
  const named = commandInputs.some((name) => readInputText(name, environment));
  const hasExplicitRequest = named || readInputText('mode', environment) !== 'auto';
  if (!commentEvents.includes(event) || path === undefined || hasExplicitRequest) return true;
  try {
    const { action, comment, review } = JSON.parse(await readFile(path, 'utf8')) as CommentEvent;
    if (typeof action === 'string' && !newTextActions.includes(action)) return false;
    // A review without a text has null.
    const body = review?.body === null ? '' : (comment ?? review)?.body;
    return typeof body !== 'string' || mayContainCommand(body);
  } catch {
    return true; // the step then reads the event again and reports the error
  }
};
