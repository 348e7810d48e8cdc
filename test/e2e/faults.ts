import type { Page } from 'playwright-core';

/** What a person would see at once: text and controls that stand out of the window, are cut off, or lie under something else. */
export function faultsOf(page: Page): Promise<string[]> {
  return page.evaluate(look);
}

/** Runs in the page, so that all it needs is in it. */
function look(): string[] {
  const faults = new Set<string>();
  const { innerHeight: height, innerWidth: width } = window;
  const root = document.documentElement;
  if (root.scrollWidth > width || root.scrollHeight > height) faults.add('the page itself scrolls');

  interface Shown {
    left: number;
    top: number;
    right: number;
    bottom: number;
    /** Whether the rest of it can be scrolled to. */
    scrolls: boolean;
  }

  const nameOf = (element: Element): string => {
    const classes = [...element.classList].filter((name) => !name.startsWith('svelte-'));
    const text = (element.getAttribute('aria-label') ?? element.textContent).trim().slice(0, 40);
    return `${[element.tagName.toLowerCase(), ...classes].join('.')} "${text}"`;
  };

  /** The part of an element that what holds it leaves of it. */
  const shownOf = (element: Element): Shown => {
    const shown: Shown = { ...edges(element.getBoundingClientRect()), scrolls: false };
    let isFixed = getComputedStyle(element).position === 'fixed';
    for (let parent = element.parentElement; parent && !isFixed; parent = parent.parentElement) {
      const { overflowX, overflowY, position } = getComputedStyle(parent);
      if (overflowX !== 'visible' || overflowY !== 'visible') {
        const box = edges(parent.getBoundingClientRect());
        if (/auto|scroll/.test(`${overflowX} ${overflowY}`)) shown.scrolls = true;
        shown.left = Math.max(shown.left, box.left);
        shown.top = Math.max(shown.top, box.top);
        shown.right = Math.min(shown.right, box.right);
        shown.bottom = Math.min(shown.bottom, box.bottom);
      }
      isFixed = position === 'fixed';
    }
    return shown;
  };

  function edges({ bottom, left, right, top }: DOMRect): Omit<Shown, 'scrolls'> {
    return { left, top, right, bottom };
  }

  const isSeen = (element: Element): boolean => {
    const { height: h, width: w } = element.getBoundingClientRect();
    return (
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      w > 1 &&
      h > 1 &&
      !getComputedStyle(element).clipPath.startsWith('inset(50%') &&
      // Below a closed <details> nothing is drawn.
      !element.closest('.heard')
    );
  };

  // What lies below a dialog, a card or a menu is covered on purpose.
  const top =
    document.querySelector('dialog[open]') ??
    document.querySelector('[role=menu], .popover [role=dialog]') ??
    document.body;
  const covers = '.card, .hints, .notices, .tip, .sheet, aside';

  for (const element of top.querySelectorAll('button, input, select, textarea, summary')) {
    if (!isSeen(element)) continue;
    const own = element.getBoundingClientRect();
    const { bottom, left, right, scrolls, top: upper } = shownOf(element);
    const isCut = right - left < own.width - 1 || bottom - upper < own.height - 1;
    if (element.localName === 'button' && element.scrollWidth > element.clientWidth + 1 && !element.closest('svg')) {
      faults.add(`${nameOf(element)} is too narrow for its name`);
    }
    if (scrolls && isCut) continue;
    if (own.left < -1 || own.right > width + 1 || own.top < -1 || own.bottom > height + 1) {
      faults.add(`${nameOf(element)} stands out of the window`);
    } else if (isCut) faults.add(`${nameOf(element)} is cut off`);
    const at = document.elementFromPoint((left + right) / 2, (upper + bottom) / 2);
    const isOver = at !== null && !at.contains(element) && !element.contains(at);
    if (isOver && at.closest('label') !== (element.closest('label') ?? undefined) && !at.closest(covers)) {
      faults.add(`${nameOf(element)} lies under ${nameOf(at)}`);
    }
  }

  // Text that is cut off without a sign that there is more of it.
  for (const element of top.querySelectorAll<HTMLElement>('*')) {
    const isText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());
    if (!isText || element.closest('svg, pre, .heard') || !isSeen(element)) continue;
    const { display, overflowX, textOverflow } = getComputedStyle(element);
    if (overflowX === 'hidden' || overflowX === 'clip') {
      if (element.scrollWidth > element.clientWidth + 1 && textOverflow !== 'ellipsis') {
        faults.add(`the text of ${nameOf(element)} is cut off`);
      }
    } else if (overflowX === 'visible' && display !== 'inline') {
      const range = document.createRange();
      range.selectNodeContents(element);
      const text = range.getBoundingClientRect();
      const { left, right, scrolls } = shownOf(element);
      if (!scrolls && (text.right > right + 2 || text.left < left - 2)) {
        faults.add(`the text of ${nameOf(element)} stands out of it`);
      }
    }
  }

  // What scrolls downwards is as wide as it is; a few things scroll sideways because they are drawings, or one line.
  const sideways = '.tree, .sheet, .grid, .keywords, .stages ol, .views, .view, .strip, pre, .tip, input, textarea';
  for (const element of top.querySelectorAll('*')) {
    const isWider = element.scrollWidth > element.clientWidth + 2 && element.clientWidth > 0;
    if (!isWider || !/auto|scroll/.test(getComputedStyle(element).overflowX) || element.closest(sideways)) continue;
    faults.add(`${nameOf(element)} must be scrolled sideways`);
  }
  return [...faults];
}
