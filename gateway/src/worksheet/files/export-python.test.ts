/** docs/spec/worksheet-document.md */
import { expect, it } from 'vitest';
import type { Cell } from '../../wire/notebook.ts';
import { exportPython } from './export-python.ts';

const code = (source: string): Cell => ({
  id: 'a',
  cell_type: 'code',
  metadata: {},
  source,
  outputs: [],
  execution_count: null,
});
const exported = (...cells: Cell[]): string => exportPython({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });

it('WD40 cells become parts of one file, and what is no code is a comment', () => {
  const text = exported(
    { id: 'm', cell_type: 'markdown', metadata: {}, source: '# Title\n\ntext' },
    code('a = 1\r\nprint(a)\n'),
    code(''),
    { id: 'r', cell_type: 'raw', metadata: {}, source: 'raw' },
  );
  expect(text).toBe('# %% [markdown]\n# # Title\n#\n# text\n\n# %%\na = 1\nprint(a)\n\n# %%\n\n# %% [raw]\n# raw\n');
});

it.each([
  ['%matplotlib inline\nx = 7 % 3', '# %matplotlib inline\nx = 7 % 3'],
  ['if x:\n    !ls\n    y()', 'if x:\n#     !ls\n    y()'],
  ['len?\n?len\nx.y??', '# len?\n# ?len\n# x.y??'],
  ['# really?\nprint("?")', '# really?\nprint("?")'],
  ['%%bash\nls\n\necho', '# %%bash\n# ls\n#\n# echo'],
  ['s = """\n%no magic\n!text\n""" # \'\'\'\n%magic', 's = """\n%no magic\n!text\n""" # \'\'\'\n# %magic'],
  ["x = \"'''\"\n%magic", "x = \"'''\"\n# %magic"],
  ['# %% no cell', '# # %% no cell'],
])("WD40 IPython's own lines are comments, strings are not: %j", (source, text) => {
  expect(exported(code(source))).toBe(`# %%\n${text}\n`);
});
