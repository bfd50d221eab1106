/** A name for a version. */
import { type SubmitEvent, useId, useState } from 'react';

interface Wish {
  readonly label: string;
  readonly button: string;
  readonly value?: string;
  readonly save: (name: string) => void;
}

export function NameForm({ label, button, value = '', save }: Wish) {
  const id = useId();
  const [name, setName] = useState(value);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (name.trim() === '' || name.trim() === value) return;
    save(name.trim());
    if (value === '') setName('');
  };
  return (
    <form className="version-name" onSubmit={submit}>
      <label htmlFor={id}>{label}</label>
      <input id={id} value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
      <button type="submit" disabled={name.trim() === '' || name.trim() === value}>
        {button}
      </button>
    </form>
  );
}
