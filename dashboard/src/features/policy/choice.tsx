import { classNames } from '@/lib/class-names'
import { controlClass, Field } from '@/ui/field'

/** One of a few named values, in a form. */
export function Choice({
  label,
  name,
  options,
  value,
}: {
  label: string
  name: string
  options: Record<string, string>
  value: string
}) {
  return (
    <Field label={label}>
      {(id) => (
        <select
          id={id}
          name={name}
          defaultValue={value}
          className={classNames(controlClass, 'h-9 py-0')}
        >
          {Object.entries(options).map(([key, text]) => (
            <option key={key} value={key}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
