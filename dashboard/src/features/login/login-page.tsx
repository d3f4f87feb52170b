import { useQuery } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { Navigate, useSearchParams } from 'react-router'
import { messageOf } from '@/api/errors'
import { sessionQuery, useLogin } from '@/api/session'
import { Centered } from '@/components/centered'
import { safeNext } from '@/lib/paths'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'

export function LoginPage() {
  const [search] = useSearchParams()
  const state = useQuery(sessionQuery)
  const login = useLogin()
  if (state.data?.session) return <Navigate to={safeNext(search.get('next'))} replace />

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const secret = new FormData(event.currentTarget).get('secret')
    if (typeof secret === 'string') login.mutate(secret)
  }

  const linkError = state.data?.linkError ?? null
  return (
    <Centered title="Log in to Nova">
      <Card className="p-5">
        <form onSubmit={submit} className="flex flex-col gap-4">
          {login.error === null && linkError !== null && (
            <Notice tone="warn">The login link did not work: {linkError}</Notice>
          )}
          {login.error !== null && <Notice>{messageOf(login.error)}</Notice>}
          <Field
            label="Admin secret"
            hint="NOVA_ADMIN_SECRET, kept in the file env of Nova's home."
          >
            {(id, describedBy) => (
              <input
                id={id}
                name="secret"
                type="password"
                required
                autoComplete="current-password"
                aria-describedby={describedBy}
                className={controlClass}
              />
            )}
          </Field>
          <Button type="submit" kind="primary" busy={login.isPending}>
            Log in
          </Button>
        </form>
      </Card>
      <p className="mt-4 text-center text-faint text-xs">
        scripts/up also prints a link that logs you in once.
      </p>
    </Centered>
  )
}
