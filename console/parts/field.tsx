import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** What every field of a form has. @param pointer place of its value in the document that is sent, by which faults find it */
export interface FieldProps {
  readonly label: string;
  readonly pointer?: string;
  readonly hint?: string;
  readonly faults?: readonly string[] | undefined;
}

/** What a field's input is connected to its texts by. */
interface Described {
  readonly id: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: boolean;
  readonly 'data-pointer'?: string;
}

/** A label, an input, and below it what helps and what is wrong. */
export function Field({ label, pointer, hint, faults = [], children }: FieldProps & { readonly children: (input: Described) => ComponentChildren }) {
  const id = useId();
  const described = [...(hint === undefined ? [] : [`${id}-hint`]), ...(faults.length > 0 ? [`${id}-faults`] : [])].join(' ');
  return <div class={faults.length > 0 ? 'field faulty' : 'field'}>
    <label for={id}>{label}</label>
    {children({ id, ...(described === '' ? {} : { 'aria-describedby': described }), ...(faults.length > 0 ? { 'aria-invalid': true } : {}), ...(pointer === undefined ? {} : { 'data-pointer': pointer }) })}
    {hint !== undefined && <p id={`${id}-hint`} class="hint">{hint}</p>}
    {faults.length > 0 && <p id={`${id}-faults`} class="fault">{faults.join('; ')}</p>}
  </div>;
}

/** A line of text. */
export function TextField({ value, onValue, required = false, mono = false, numeric = false, suggestions, ...field }: FieldProps & {
  readonly value: string; readonly onValue: (value: string) => void; readonly required?: boolean; readonly mono?: boolean; readonly numeric?: boolean; readonly suggestions?: readonly string[];
}) {
  return <Field {...field}>{(input) => <>
    <input {...input} type="text" class={mono ? 'mono' : undefined} inputMode={numeric ? 'numeric' : undefined} autocomplete="off" autocapitalize="off" spellcheck={false}
      aria-required={required} value={value} list={suggestions === undefined ? undefined : `${input.id}-list`} onInput={(event) => onValue(event.currentTarget.value)} />
    {suggestions !== undefined && <datalist id={`${input.id}-list`}>{suggestions.map((one) => <option key={one} value={one} />)}</datalist>}
  </>}</Field>;
}

/** One of a few. */
export function SelectField({ value, onValue, options, ...field }: FieldProps & { readonly value: string; readonly onValue: (value: string) => void; readonly options: readonly (readonly [string, string])[] }) {
  return <Field {...field}>{(input) => <select {...input} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
    {options.map(([key, text]) => <option key={key} value={key}>{text}</option>)}
  </select>}</Field>;
}

/** One of a few that need a word each. */
export function Choice({ label, name, value, onValue, options, faults = [], pointer }: Omit<FieldProps, 'hint'> & {
  readonly name: string; readonly value: string; readonly onValue: (value: string) => void; readonly options: readonly { readonly key: string; readonly title: string; readonly text?: string }[];
}) {
  const id = useId();
  return <fieldset class={faults.length > 0 ? 'choice faulty' : 'choice'} aria-describedby={faults.length > 0 ? id : undefined}>
    <legend>{label}</legend>
    <div class="options">{options.map(({ key, title, text }, index) => <label key={key} class="option">
      <input type="radio" name={name} value={key} checked={value === key} onChange={() => onValue(key)} data-pointer={index === 0 ? pointer : undefined} />
      <span><strong>{title}</strong>{text !== undefined && <span class="hint">{text}</span>}</span>
    </label>)}</div>
    {faults.length > 0 && <p id={id} class="fault">{faults.join('; ')}</p>}
  </fieldset>;
}
