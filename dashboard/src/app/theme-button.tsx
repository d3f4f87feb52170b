import { useSyncExternalStore } from 'react'
import { chooseTheme, currentTheme, onThemeChange, type Theme } from '@/lib/theme'
import { IconButton } from '@/ui/button'
import { Icon, type IconName } from '@/ui/icon'

const NEXT: Record<Theme, { theme: Theme; icon: IconName; name: string }> = {
  system: { theme: 'light', icon: 'monitor', name: 'as the system' },
  light: { theme: 'dark', icon: 'sun', name: 'light' },
  dark: { theme: 'system', icon: 'moon', name: 'dark' },
}

export function ThemeButton() {
  const theme = useSyncExternalStore(onThemeChange, currentTheme)
  const { theme: next, icon, name } = NEXT[theme]
  return (
    <IconButton
      label={`Theme: ${name}. Change to ${NEXT[next].name}`}
      onClick={() => chooseTheme(next)}
    >
      <Icon name={icon} />
    </IconButton>
  )
}
