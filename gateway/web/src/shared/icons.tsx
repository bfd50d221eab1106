/** Small pictures on buttons; the button's label says what they mean. */
const PATHS = {
  run: 'M5 3.5v9l7-4.5z',
  runAll: 'M3 3.5v9l5-4.5zM8.5 3.5v9l5-4.5z',
  interrupt: 'M4.5 4.5h7v7h-7z',
  restart: 'M12.5 8a4.5 4.5 0 1 1-1.6-3.4M11 2.2v2.7H8.3',
  up: 'M8 12.5v-9M4.5 7 8 3.5 11.5 7',
  down: 'M8 3.5v9M4.5 9 8 12.5 11.5 9',
  delete: 'M3.5 4.5h9M6.5 4.5v-1.5h3v1.5M5 4.5l.5 8h5l.5-8',
  plus: 'M8 3.5v9M3.5 8h9',
  undo: 'M3.5 6.5h6a3 3 0 0 1 0 6H6M6 3.5l-2.8 3L6 9.5',
  redo: 'M12.5 6.5h-6a3 3 0 0 0 0 6H10M10 3.5l2.8 3L10 9.5',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  keyboard: 'M2 4.5h12v7H2zM4.5 7h.01M7 7h.01M9.5 7h.01M12 7h.01M5 9.5h6',
  find: 'M7 11.5a4.5 4.5 0 1 1 0-9 4.5 4.5 0 0 1 0 9zM10.3 10.3l3.4 3.4',
  contents: 'M3 4h.01M6 4h7M4.5 8h.01M7.5 8H13M4.5 12h.01M7.5 12H13',
  grip: 'M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01',
  open: 'M4 6l4 4 4-4',
  shut: 'M6 4l4 4-4 4',
  code: 'M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5',
  output: 'M2.5 3h11v10h-11zM5 6.5h6M5 9.5h4',
  close: 'M4 4l8 8M12 4l-8 8',
  back: 'M10 3.5 5.5 8l4.5 4.5',
} as const;

const FILLED = new Set<string>(['run', 'runAll', 'interrupt']);

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg className={FILLED.has(name) ? 'icon filled' : 'icon'} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
);
