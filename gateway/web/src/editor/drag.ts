/**
 * Cells are moved by dragging their handle, with a mouse, a pen or a finger: the handle takes the pointer, a line shows where they
 * would go, and the page scrolls where the pointer comes to its edge. By the keyboard, Alt and an arrow do the same.
 */
import type { PointerEvent } from 'react';
import { t } from '../texts/texts.ts';
import { chosenNow, moveTo } from './cell-actions.ts';
import type { Worksheet } from './worksheet.ts';

/** Pixels that a pointer moves before it drags, and from the view's edge where the page begins to scroll. */
const SLACK = 5;
const EDGE = 70;
/** Pixels in a frame at the very edge. */
const FASTEST = 22;

export function startDrag(worksheet: Worksheet, key: string, event: PointerEvent<HTMLElement>): void {
  if (event.button !== 0) return;
  event.preventDefault();
  const handle = event.currentTarget;
  const list = handle.closest<HTMLElement>('.cells');
  if (list === null) return;
  const drag = new Drag(worksheet, key, list, event.clientY);
  const moved = ({ clientY }: globalThis.PointerEvent) => drag.to(clientY);
  const end = (drop: boolean) => {
    handle.removeEventListener('pointermove', moved);
    handle.removeEventListener('pointerup', dropped);
    handle.removeEventListener('pointercancel', cancelled);
    removeEventListener('keydown', pressed, true);
    drag.end(drop);
  };
  const dropped = () => end(true);
  const cancelled = () => end(false);
  const pressed = (press: KeyboardEvent) => {
    if (press.key !== 'Escape') return;
    press.preventDefault();
    press.stopPropagation();
    end(false);
  };
  handle.setPointerCapture(event.pointerId);
  handle.addEventListener('pointermove', moved);
  handle.addEventListener('pointerup', dropped);
  handle.addEventListener('pointercancel', cancelled);
  addEventListener('keydown', pressed, true);
}

class Drag {
  readonly #worksheet: Worksheet;
  readonly #key: string;
  readonly #list: HTMLElement;
  readonly #start: number;
  readonly #line = document.createElement('div');
  #y: number;
  #frame = 0;
  #begun = false;
  /** The position in front of which they would go. */
  #before: number | undefined;

  constructor(worksheet: Worksheet, key: string, list: HTMLElement, y: number) {
    this.#worksheet = worksheet;
    this.#key = key;
    this.#list = list;
    this.#start = y;
    this.#y = y;
    this.#line.className = 'drop-line';
  }

  to(y: number): void {
    this.#y = y;
    if (!this.#begun && Math.abs(y - this.#start) < SLACK) return;
    if (!this.#begun) this.#begin();
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#draw);
  }

  end(drop: boolean): void {
    cancelAnimationFrame(this.#frame);
    this.#line.remove();
    this.#list.removeAttribute('data-dragging');
    const chosen = chosenNow(this.#worksheet);
    if (!this.#begun) this.#worksheet.choose(this.#key);
    if (!this.#begun || !drop || chosen === undefined || this.#before === undefined) return;
    moveTo(chosen, this.#before);
    this.#worksheet.announcement.set(t.moved((this.#worksheet.positions[0] ?? 0) + 1));
  }

  /** A cell that is among the chosen ones takes them along, any other goes alone. */
  #begin(): void {
    this.#begun = true;
    const cells = this.#worksheet.cells.get();
    if (!this.#worksheet.positions.some((at) => cells[at]?.key === this.#key)) this.#worksheet.choose(this.#key);
    else this.#worksheet.choosePositions(this.#worksheet.positions);
    this.#list.setAttribute('data-dragging', '');
    this.#list.append(this.#line);
  }

  readonly #draw = (): void => {
    this.#frame = 0;
    const over = this.#y < EDGE * 2 ? this.#y - EDGE * 2 : Math.max(0, this.#y - (innerHeight - EDGE));
    if (over !== 0) {
      scrollBy(0, Math.sign(over) * Math.min(FASTEST, (Math.abs(over) / EDGE) * FASTEST));
      this.#frame = requestAnimationFrame(this.#draw);
    }
    const cells = [...this.#list.querySelectorAll<HTMLElement>(':scope > .cell:not([hidden])')];
    const place = cells.findIndex((cell) => {
      const { top, height } = cell.getBoundingClientRect();
      return this.#y < top + height / 2;
    });
    const next = cells[place];
    const last = cells.at(-1);
    this.#before = next === undefined ? this.#worksheet.cells.get().length : Number(next.ariaPosInSet) - 1;
    const top = next === undefined ? (last?.offsetTop ?? 0) + (last?.offsetHeight ?? 0) : next.offsetTop;
    this.#line.style.top = `${top}px`;
  };
}
