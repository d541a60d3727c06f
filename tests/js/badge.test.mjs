import assert from 'node:assert/strict';
import { test } from 'node:test';
import { titleBadge } from '../../public/js/badge.js';

test('the title and the icon show what waits, and nothing when nothing does', () => {
  const icon = { href: 'plain.svg', dataset: { marked: 'marked.svg' } };
  const page = { title: 'Lobby · roomline', querySelector: () => icon };
  const badge = titleBadge(page);
  badge.count(3);
  assert.deepEqual([page.title, icon.href], ['(3) Lobby · roomline', 'marked.svg']);
  badge.rename('Long Table');
  assert.equal(page.title, '(3) Long Table · roomline');
  badge.count(250);
  assert.equal(page.title, '(99+) Long Table · roomline');
  badge.count(0);
  assert.deepEqual([page.title, icon.href], ['Long Table · roomline', 'plain.svg']);
});
