import { expect, test } from '@jest/globals';
import * as v from 'valibot';
import { CommentId, commentKinds, parseCommentId, toCommentId } from '../../contracts/comment-id.ts';
import { Origin } from '../../contracts/origin.ts';

test('comments of different kinds with one number have different ids, which tell kind and number', () => {
  const ids = commentKinds.map((kind) => toCommentId(kind, 492_700_400));
  expect(ids).toEqual([492_700_400, 'review-comment-492700400', 'review-492700400']);
  expect(ids.map(parseCommentId)).toEqual(commentKinds.map((kind) => ({ kind, number: 492_700_400 })));
  for (const id of ids) expect(v.parse(CommentId, JSON.parse(JSON.stringify(id)))).toBe(id);
});

test.each(['9', 'review-', 'review-0', 'review-x', 'comment-9', 'review-comment-9/../8', 'review-9 ', null])(
  '%j is not the id of a comment',
  (id) => {
    expect(v.is(CommentId, id)).toBe(false);
    expect(v.is(Origin, { review: { id, createdAt: '2026-03-01T12:00:00Z' } })).toBe(false);
  },
);
