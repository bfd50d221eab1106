/** What the page and the frame of a widget say to each other by postMessage. The page believes nothing that a frame says. */
import type { WidgetEvent, WidgetModel } from '../../../src/wire/widget-models.ts';
import type { WidgetCommand } from '../../../src/wire/worksheet-protocol.ts';

/** Texts of the page's language that are shown within the frame. */
export interface FrameTexts {
  readonly picture: string;
  readonly unknownOutput: string;
  readonly missingWidget: string;
}

export interface FrameStart {
  /** The frame's program, as text: the frame itself can load nothing. */
  readonly script: string;
  readonly models: readonly WidgetModel[];
  readonly root: string;
  /** Whether a kernel stands behind the models. */
  readonly live: boolean;
  readonly texts: FrameTexts;
}

/** To the frame. */
export type ToFrame =
  | { readonly carrelStart: FrameStart }
  | { readonly carrelEvents: readonly WidgetEvent[] }
  /** The kernel has dealt with this message, or never will. */
  | { readonly carrelHandled: string };

/** A message for the kernel's half of a widget; `id` is a UUID that the frame has chosen. */
export type FrameMessage = Pick<WidgetCommand, 'id' | 'model' | 'message' | 'buffers'>;

/** To the page: the height of what is shown in pixels, a message for the kernel. */
export type ToPage = { readonly carrelHeight: number } | { readonly carrelMessage: FrameMessage };
