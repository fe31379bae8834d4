import { Field, type FieldProps } from './field.js';

/** When something ends, in the time of who looks. @param value as `localText` writes it */
export function UntilField({ value, onValue, ...field }: Omit<FieldProps, 'label' | 'hint'> & { readonly value: string; readonly onValue: (value: string) => void }) {
  return <Field label="Until" hint={`In your time: ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`} {...field}>
    {(input) => <input {...input} type="datetime-local" value={value} onInput={(event) => onValue(event.currentTarget.value)} />}
  </Field>;
}
