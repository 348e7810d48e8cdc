// Runs in the page before the page's own scripts (bench/page/open-page.ts): notes when something was painted, and every
// frame. All times are the page's own, so that none of the messages between it and the benchmark counts.
/* global atob, DataTransfer, document, DragEvent, File, MessageChannel, performance, PerformanceObserver, requestAnimationFrame, window */
window.recorder = (() => {
  let frames = [];
  let isRecording = false;
  let held;

  /** @returns after the frame in which `isThere` holds was painted, the time */
  function painted(isThere) {
    return new Promise((resolve) => {
      requestAnimationFrame(function look() {
        if (!isThere()) {
          requestAnimationFrame(look);
          return;
        }
        // A message arrives after the frame's own work: style, layout, paint.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(null);
      });
    });
  }

  /** When the page could first be used, from the start of its navigation. */
  const ready = painted(() => document.querySelector('.empty, .screen') !== null);

  /** When the browser painted first, and content first, by its names. It tells of them only some time after they were. */
  const paintsOfBrowser = new Promise((resolve) => {
    const paints = {};
    new PerformanceObserver((list, observer) => {
      for (const { name, startTime } of list.getEntries()) paints[name] = startTime;
      if (!('first-contentful-paint' in paints)) return;
      observer.disconnect();
      resolve(paints);
    }).observe({ type: 'paint', buffered: true });
  });

  return {
    async firstPaint() {
      const [usable, paints] = await Promise.all([ready, paintsOfBrowser]);
      return { first: paints['first-paint'], content: paints['first-contentful-paint'], usable };
    },

    /** A file to be dropped, so that making it does not count. */
    hold(name, type, base64) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      held = new File([bytes], name, { type });
    },

    /** Drops the held file over the window. @returns milliseconds until the first word of its caption, and until all */
    async drop() {
      const transfer = new DataTransfer();
      transfer.items.add(held);
      const fire = (kind) =>
        document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
      fire('dragenter');
      fire('dragover');
      const begin = performance.now();
      fire('drop');
      const [first, last] = await Promise.all([
        painted(() => document.querySelector('.line [data-index]') !== null),
        painted(() => document.querySelector('.line[aria-busy=false] [data-index]') !== null),
      ]);
      return { firstWord: first - begin, lastWord: last - begin };
    },

    startFrames() {
      frames = [];
      isRecording = true;
      requestAnimationFrame(function note(time) {
        frames.push(time);
        if (isRecording) requestAnimationFrame(note);
      });
    },

    /** @returns the milliseconds between one frame and the next */
    stopFrames() {
      isRecording = false;
      return frames.slice(1).map((time, i) => time - frames[i]);
    },
  };
})();
