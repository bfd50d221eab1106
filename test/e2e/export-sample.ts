/** A notebook that has one of everything that the exported file shows. */
import { code, text } from './worksheet-browser.ts';

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mPQ6i8hCTGMahjVMHw1AAC8BC0QPXmRqwAAAABJRU5ErkJggg==';
const display = (data: object, metadata: object = {}) => ({ output_type: 'display_data', metadata, data });
const stream = (name: string, shown: string) => ({ output_type: 'stream', name, text: shown });
const model = (model_name: string, state: object) => ({
  model_name,
  model_module: '@jupyter-widgets/controls',
  model_module_version: '2.0.0',
  state,
});

const TEXT = `# Tides

The height is $h(t) = A\\cos(\\omega t + \\varphi)$, and by **Fourier**

$$\\hat{h}(\\omega) = \\int_{-\\infty}^{\\infty} h(t)\\,e^{-i\\omega t}\\,dt \\in \\mathbb{C}$$

| place | range |
| --- | --- |
| Dover | 6.0 m |
| Kiel | 0.1 m |

\`\`\`python
def height(t):
    return "tide"  # a block
\`\`\`

![dot](attachment:dot.png) [a link](https://example.org/)

> A quotation.

1. one
2. two`;

const TABLE = `<div>
<style scoped>
    .dataframe tbody tr th { vertical-align: top; }
</style>
<table border="1" class="dataframe">
<thead><tr style="text-align: right;"><th></th><th>high</th><th>low</th></tr></thead>
<tbody><tr><th>Dover</th><td>6.6</td><td>0.6</td></tr><tr><th>Kiel</th><td>0.1</td><td>0.0</td></tr></tbody>
</table></div>`;

const PLOT = `<div id="plot" style="height: 180px"></div><script>
const canvas = document.createElement('canvas');
canvas.width = 600; canvas.height = 170;
document.getElementById('plot').append(canvas);
const pen = canvas.getContext('2d');
pen.strokeStyle = '#2a8f74'; pen.lineWidth = 3; pen.beginPath();
for (let x = 0; x < 600; x += 1) pen.lineTo(x, 85 + 70 * Math.sin(x / 40));
pen.stroke();
</script>`;

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60"><circle cx="30" cy="30" r="25" fill="teal"/></svg>`;

export const SAMPLE = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    language_info: { name: 'python' },
    widgets: {
      'application/vnd.jupyter.widget-state+json': {
        version_major: 2,
        version_minor: 0,
        state: {
          box: model('VBoxModel', { children: ['IPY_MODEL_slider', 'IPY_MODEL_choice', 'IPY_MODEL_out'] }),
          slider: model('FloatSliderModel', { description: 'Frequency', value: 1.5 }),
          choice: model('DropdownModel', { description: 'Place', _options_labels: ['Dover', 'Kiel'], index: 1 }),
          out: model('OutputModel', { outputs: [stream('stdout', 'drawn at 1.5')] }),
        },
      },
    },
  },
  cells: [
    { ...text(TEXT), id: 'text', attachments: { 'dot.png': { 'image/png': PNG } } },
    {
      ...code(
        'import math\n\n@cached\ndef height(t: float) -> float:\n    """In metres."""\n    return 1.5 * math.cos(t)  # rough\n\nclass Tide:\n    pass',
        [
          stream('stdout', '\x1b[32mloading\x1b[0m 100 %|\x1b[38;5;208m██████\x1b[0m|\n'),
          stream('stderr', 'a warning\n'),
          {
            output_type: 'error',
            ename: 'ValueError',
            evalue: 'no tide',
            traceback: ['\x1b[0;31mValueError\x1b[0m: no tide', '\x1b[0;32m----> 1\x1b[0m height(None)'],
          },
        ],
      ),
      id: 'code',
      execution_count: 12,
    },
    { ...code('table', [display({ 'text/plain': 'a table', 'text/html': TABLE })]), id: 'table' },
    { ...code('plot()', [display({ 'text/html': PLOT })]), id: 'plot' },
    {
      ...code('pictures', [
        display({ 'image/svg+xml': SVG }),
        display({ 'image/png': PNG, 'text/plain': 'a green square' }, { 'image/png': { width: 64, height: 64 } }),
        display({ 'text/latex': '$\\displaystyle \\sum_{n=1}^{\\infty} \\frac{1}{n^2}$' }),
      ]),
      id: 'pictures',
    },
    {
      ...code('interact(draw)', [
        display({ 'text/plain': 'interactive(…)', 'application/vnd.jupyter.widget-view+json': { model_id: 'box' } }),
      ]),
      id: 'widget',
    },
    {
      ...code('hidden = True', [stream('stdout', 'a hidden output')]),
      id: 'hidden',
      metadata: { jupyter: { source_hidden: true, outputs_hidden: true } },
    },
    { cell_type: 'raw', id: 'raw', metadata: {}, source: 'raw text, as it is' },
  ],
};
