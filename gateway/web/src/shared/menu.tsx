/** A menu behind a button: closes when something is chosen, when the focus leaves it, and by Escape. Arrow keys go along its entries. */
import { type FocusEvent, type KeyboardEvent, type MouseEvent, type ReactNode, useRef, useState } from 'react';
import { Icon } from './icons.tsx';

interface Wish {
  readonly label: string;
  /** Buttons and links, and what groups them. They are made anew each time the menu opens. */
  readonly children: () => ReactNode;
}

export function Menu({ label, children }: Wish) {
  const menu = useRef<HTMLDetailsElement>(null);
  const [open, setOpen] = useState(false);
  const close = () => {
    if (menu.current !== null) menu.current.open = false;
  };
  const left = ({ relatedTarget, currentTarget }: FocusEvent) => {
    /** A click on what takes no focus goes nowhere; one on another part of the page closes. */
    if (!currentTarget.contains(relatedTarget as Node | null)) close();
  };
  const pressed = (event: KeyboardEvent<HTMLDetailsElement>) => {
    const list = event.currentTarget;
    if (!list.open) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      event.preventDefault();
      close();
      list.querySelector('summary')?.focus();
      return;
    }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const entries = [...list.querySelectorAll<HTMLElement>('.menu-list :is(button:not(:disabled), a)')];
    const at = entries.indexOf(document.activeElement as HTMLElement);
    entries.at(at === -1 && by === -1 ? -1 : (at + by) % entries.length)?.focus();
  };
  const chosen = ({ target }: MouseEvent) => {
    if ((target as Element).closest('button, a') !== null) close();
  };
  return (
    <details
      ref={menu}
      className="menu"
      onBlur={left}
      onKeyDown={pressed}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary title={label} aria-label={label}>
        <Icon name="more" />
      </summary>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its entries are what is chosen, by the keyboard too */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
      <div className="menu-list" onClick={chosen}>
        {open && children()}
      </div>
    </details>
  );
}
