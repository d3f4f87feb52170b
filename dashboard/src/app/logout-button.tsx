import { messageOf } from '@/api/errors'
import { useLogout } from '@/api/session'
import { IconButton } from '@/ui/button'
import { Icon } from '@/ui/icon'

export function LogoutButton() {
  const logout = useLogout()
  const label = logout.error === null ? 'Log out' : `Logging out failed: ${messageOf(logout.error)}`
  return (
    <IconButton label={label} disabled={logout.isPending} onClick={() => logout.mutate()}>
      <Icon name={logout.error === null ? 'logout' : 'alert'} />
    </IconButton>
  )
}
