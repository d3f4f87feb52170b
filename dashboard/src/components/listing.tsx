import type { ReactNode } from 'react'
import type { IconName } from '@/ui/icon'
import { Empty } from '@/ui/notice'
import { More } from './row'

/** A list of rows, how many more there are, or what the list is for while there is none. */
export function Listing<Item extends { id: string }>({
  items,
  total,
  empty,
  children,
}: {
  items: Item[]
  total: number
  empty: { icon: IconName; title: string; text: string }
  children: (item: Item) => ReactNode
}) {
  if (items.length === 0) {
    return (
      <Empty icon={empty.icon} title={empty.title}>
        {empty.text}
      </Empty>
    )
  }
  return (
    <>
      <ul className="divide-y">{items.map(children)}</ul>
      <More shown={items.length} total={total} />
    </>
  )
}
