/** The program of a widget's frame: it is built into one file of its own, which the page hands in as text. */

import type { DOMWidgetView } from '@jupyter-widgets/base';
import { Widget } from '@lumino/widgets';
import type { FrameStart, ToFrame, ToPage } from '../widgets/frame-protocol.ts';
import { FrameManager } from './manager.ts';
import { addStyles } from './style.ts';
import { giveTexts } from './texts.ts';

const page = window.parent;
const tell = (message: ToPage): void => page.postMessage(message, '*');

/** The frame's own document calls it with the first message. */
Object.assign(window, { carrelWidgets: start });

function start({ models, root, live, texts }: Omit<FrameStart, 'script'>): void {
  addStyles();
  giveTexts(texts);
  const manager = new FrameManager(live, (carrelMessage) => tell({ carrelMessage }));
  addEventListener('message', ({ source, data }: MessageEvent<ToFrame>) => {
    if (source !== page || typeof data !== 'object' || data === null) return;
    if ('carrelEvents' in data) for (const event of data.carrelEvents) manager.hear(event);
    else if ('carrelHandled' in data) manager.handled(data.carrelHandled);
  });
  manager.add(models);
  const place = document.createElement('div');
  place.className = 'place';
  document.body.append(place);
  followHeight(place);
  void show(manager, root, place);
}

async function show(manager: FrameManager, root: string, place: HTMLElement): Promise<void> {
  const view = (await manager.create_view(await manager.get_model(root))) as DOMWidgetView;
  Widget.attach(view.luminoWidget, place);
  addEventListener('resize', () => view.luminoWidget.processMessage({ type: 'resize', isConflatable: true } as never));
}

function followHeight(place: HTMLElement): void {
  let last = -1;
  new ResizeObserver(() => {
    const height = Math.ceil(place.getBoundingClientRect().height);
    if (height === last) return;
    last = height;
    tell({ carrelHeight: height });
  }).observe(place);
}
