/** The texts that the page has given to this frame. */
import type { FrameTexts } from '../widgets/frame-protocol.ts';

let given: FrameTexts | undefined;

export const giveTexts = (texts: FrameTexts): void => {
  given = texts;
};

export const texts = (): FrameTexts => given ?? { picture: '', unknownOutput: '…', missingWidget: '' };
