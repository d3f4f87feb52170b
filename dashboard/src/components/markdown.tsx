/** A model's Markdown. Raw HTML stays text, and pictures from elsewhere are links. */
import { lazy, Suspense } from 'react'

const Renderer = lazy(() =>
  import('./markdown-renderer').then((module) => ({ default: module.MarkdownRenderer })),
)

export function Markdown({ text }: { text: string }) {
  return (
    <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
      <Renderer text={text} />
    </Suspense>
  )
}
