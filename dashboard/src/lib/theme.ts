/** Light, dark, or what the system says; public/theme.js applies it before the first paint. */
export type Theme = 'system' | 'light' | 'dark'

const KEY = 'nova.theme'
const listeners = new Set<() => void>()

export function currentTheme(): Theme {
  const chosen = document.documentElement.dataset['theme']
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') {
    delete document.documentElement.dataset['theme']
    window.localStorage.removeItem(KEY)
  } else {
    document.documentElement.dataset['theme'] = theme
    window.localStorage.setItem(KEY, theme)
  }
  for (const listener of listeners) listener()
}

export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
