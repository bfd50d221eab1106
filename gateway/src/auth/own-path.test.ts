import { expect, test } from 'vitest';
import { ownPath } from './own-path.ts';

test.each([
  'worksheets/00000000-0000-4000-8000-000000000000',
  'worksheets/abc?line=3&x=%20',
  'account',
  'shared/aBc_-9',
])('AC22 %s is a page of ours', (path) => expect(ownPath(path)).toBe(path));

test.each([
  '//evil.example',
  '/evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '\\evil.example',
  'https://evil.example',
  'https:evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '../evil',
  'worksheets/../../evil',
  'worksheets//evil.example',
  'worksheets/x#y',
  '.evil',
  ' worksheets/x',
  'worksheets/x\r\nSet-Cookie: a=b',
  'worksheets/x?next=//evil.example',
  '%2f%2fevil.example',
  'wörksheets/x',
  'user@evil.example',
  'api/signout',
  'signin?next=account',
  'invite',
  'x'.repeat(501),
  '',
  undefined,
  null,
  ['account'],
])('AC22 %j is the home page instead', (path) => expect(ownPath(path)).toBe(''));
