import { useQuery } from '@tanstack/react-query'
import { messageOf } from '@/api/errors'
import { podsQuery } from '@/api/pods'
import { classNames } from '@/lib/class-names'
import { controlClass, Field } from '@/ui/field'

/** Which pod a task goes to; the form's field `pod_name`, empty if Nova is to choose. */
export function PodField({ value }: { value?: string | null }) {
  const { data: pods, error } = useQuery(podsQuery)
  const hint = error === null ? undefined : `The pods can't be listed: ${messageOf(error)}`
  return (
    <Field label="Pod" {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) => (
        <select
          id={id}
          // A pod that is gone or not listed yet is an option all the same, so that it stays chosen.
          key={pods === undefined ? 'loading' : 'there'}
          name="pod_name"
          defaultValue={value ?? ''}
          aria-describedby={describedBy}
          className={classNames(controlClass, 'h-9 py-0')}
        >
          <option value="">Chosen by Nova</option>
          {value != null && !pods?.some(({ name }) => name === value) && (
            <option value={value}>{value}</option>
          )}
          {pods?.map((pod) => (
            <option key={pod.id} value={pod.name} disabled={!pod.enabled}>
              {pod.enabled ? pod.name : `${pod.name} (switched off)`}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
