/** Runs in a page before its own scripts: clocks that begin with an event and end with the frame that shows what came of it. Milliseconds since the epoch. */
(() => {
  const now = () => performance.timeOrigin + performance.now();

  /** A message comes after the frame that the callback before it belongs to. */
  const painted = () =>
    new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => done(now());
      requestAnimationFrame(() => port2.postMessage(undefined));
    });

  /** Once the test holds; it is looked at whenever the page changes. */
  const paintedWhen = (test) =>
    new Promise((done) => {
      const look = () => {
        if (!test()) return false;
        observer.disconnect();
        done(painted());
        return true;
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
      look();
    });

  const source = () => document.querySelector('.cell .source')?.textContent ?? '';

  const pressed = (key) =>
    new Promise((done) => {
      const press = (event) => {
        if (key !== undefined && event.key !== key) return;
        removeEventListener('keydown', press, { capture: true });
        done(performance.timeOrigin + event.timeStamp);
      };
      addEventListener('keydown', press, { capture: true });
    });

  globalThis.clocks = {
    /** The text of the first cell can be read. */
    readable: paintedWhen(() => source().trim() !== ''),

    /** The next press of this key, or of any. */
    pressed,

    /** The first cell's text is longer than so many characters. */
    longer: (than) => paintedWhen(() => source().length > than),

    letters: () => source().length,

    /** Clicks, and answers when. */
    click(element) {
      const at = now();
      element.click();
      return at;
    },

    /** The output of the cell at this place holds the text. */
    shows: (at, text) =>
      paintedWhen(() => document.querySelectorAll('.cell')[at]?.querySelector('.outputs')?.textContent?.includes(text)),

    /** From Shift-Enter, which is pressed after this call, to the output. */
    async run(at, text) {
      const shown = globalThis.clocks.shows(at, text);
      const begun = await pressed('Enter');
      return (await shown) - begun;
    },

    /** Milliseconds of each key that is pressed from now on, to its frame. */
    keys() {
      const times = [];
      const press = (event) => {
        const begun = performance.timeOrigin + event.timeStamp;
        void painted().then((end) => times.push(end - begun));
      };
      addEventListener('keydown', press, { capture: true });
      globalThis.clocks.keyTimes = times;
    },

    /** Times between the frames while the page scrolls so many pixels each frame for so long. */
    scroll: (ms, pixels) =>
      new Promise((done) => {
        const times = [];
        const begun = performance.now();
        let before;
        const frame = (at) => {
          if (before !== undefined) times.push(at - before);
          before = at;
          document.scrollingElement?.scrollBy(0, pixels);
          if (at - begun < ms) requestAnimationFrame(frame);
          else done(times);
        };
        requestAnimationFrame(frame);
      }),
  };
})();
