/** What `input()` asks, below the cell that asks; anybody who may run cells may answer. */
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { Question } from '../../../src/wire/worksheet-protocol.ts';
import { usePart } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { useWorksheet } from './hooks.ts';

/** Who may not run cells sees what is asked. */
export function QuestionForm(wish: { question: Question; active: boolean }) {
  const worksheet = useWorksheet();
  const mayRun = usePart(worksheet.role, () => worksheet.may('run'));
  if (mayRun) return <AnswerForm {...wish} />;
  return (
    <p className="question">
      <span>{wish.question.prompt.trim() || t.inputNeeded}</span> <span className="note">{t.share.othersAnswer}</span>
    </p>
  );
}

function AnswerForm({ question, active }: { question: Question; active: boolean }) {
  const worksheet = useWorksheet();
  const [value, setValue] = useState('');
  const [sent, setSent] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  /** The one who ran the cell goes on there; others are told, and stay where they are. */
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when it begins
  useEffect(() => {
    if (active || document.activeElement === document.body) field.current?.focus();
  }, []);
  const answer = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    worksheet.send({ do: 'answer', question: question.id, value });
  };
  return (
    <form className="question" onSubmit={answer}>
      <label htmlFor={id}>{question.prompt.trim() || t.inputNeeded}</label>
      <input
        id={id}
        ref={field}
        type={question.password ? 'password' : 'text'}
        autoComplete="off"
        spellCheck={false}
        value={value}
        maxLength={100_000}
        disabled={sent}
        onChange={(event) => setValue(event.target.value)}
      />
      <button type="submit" disabled={sent}>
        {t.answer}
      </button>
      {question.password && <span className="note">{t.answerHidden}</span>}
    </form>
  );
}
