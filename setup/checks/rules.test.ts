import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { untestedRules } from './rules.ts';

it('a rule counts as tested when a test names it outside of a comment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'carrel-rules-'));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  try {
    put('docs/spec/a.md', '- **AB1** one\n- **AB2** two\n- **AB3** three\n- **AB10** ten, unlike AB99\n');
    put('gateway/src/x/a.test.ts', "// AB2\nit('AB1 holds', () => {});\n");
    put('kernel-image/agent/tests/test_a.py', 'def test_ab3_holds(self): pass\n# AB10\n');
    expect(untestedRules(folder)).toEqual({ rules: ['AB1', 'AB2', 'AB3', 'AB10'], untested: ['AB2', 'AB10'] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
