import { classNames } from '@/lib/class-names'

/** Drawn on a 20 by 20 grid with a 1.6 wide line. */
const SHAPES = {
  agents:
    'M7.500 9.500a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600zM2.500 16.500v-.8a3.500 3.500 0 0 1 3.500-3.500h3a3.500 3.500 0 0 1 3.500 3.500v.8M13 4.200a2.800 2.800 0 0 1 0 5M14.500 12.400a3.500 3.500 0 0 1 3 3.300v.8',
  alert:
    'M10 6.500v4.500M10 13.800v.1M8.700 3.200 2.300 14.500a1.500 1.500 0 0 0 1.300 2.200h12.800a1.500 1.500 0 0 0 1.300-2.200L11.300 3.200a1.500 1.500 0 0 0-2.600 0z',
  arrowLeft: 'M16 10H4M9 5l-5 5 5 5',
  arrowUp: 'M10 16V4M5 9l5-5 5 5',
  chat: 'M4.500 3.500h11a1.500 1.500 0 0 1 1.500 1.500v7.500a1.500 1.500 0 0 1-1.500 1.500H9l-4 3v-3h-.5A1.500 1.500 0 0 1 3 12.500V5a1.500 1.500 0 0 1 1.500-1.500z',
  check: 'M4 10.500 8 14.500 16 6',
  chevron: 'M7 4.500 12.500 10 7 15.500',
  clock: 'M10 6v4.200l2.800 1.600M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0z',
  cpu: 'M6.500 5h7A1.500 1.500 0 0 1 15 6.500v7a1.500 1.500 0 0 1-1.500 1.500h-7A1.500 1.500 0 0 1 5 13.500v-7A1.500 1.500 0 0 1 6.500 5zM8.500 8.500h3v3h-3zM8 2.500V5M12 2.500V5M8 15v2.500M12 15v2.500M2.500 8H5M2.500 12H5M15 8h2.500M15 12h2.500',
  cross: 'M5 5l10 10M15 5 5 15',
  dash: 'M5 10h10',
  file: 'M11.500 3H6a1.500 1.500 0 0 0-1.500 1.500v11A1.500 1.500 0 0 0 6 17h8a1.500 1.500 0 0 0 1.500-1.500V7zM11.500 3v4h4',
  logout:
    'M8 3.500H4.500A1.500 1.500 0 0 0 3 5v10a1.500 1.500 0 0 0 1.500 1.500H8M12.500 6l4 4-4 4M16.500 10H7.500',
  monitor:
    'M3.500 4h13A1 1 0 0 1 17.500 5v8a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM7.500 17h5M10 14v3',
  moon: 'M16.500 11.500A7 7 0 0 1 8.500 3.500a7 7 0 1 0 8 8z',
  panel:
    'M3.500 3.500h13a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1zM7.500 3.500v13',
  plus: 'M10 4v12M4 10h12',
  shield:
    'M10 2.500 16 5v4.500c0 3.800-2.500 6.600-6 8-3.500-1.400-6-4.200-6-8V5zM7.500 10l1.800 1.800 3.400-3.600',
  stop: 'M6 6h8v8H6z',
  sun: 'M10 2v1.500M10 16.500V18M2 10h1.500M16.500 10H18M4.300 4.300l1.100 1.100M14.600 14.600l1.100 1.100M4.300 15.700l1.100-1.100M14.600 5.400l1.100-1.100M13.500 10a3.500 3.500 0 1 1-7 0 3.500 3.500 0 0 1 7 0z',
  tasks: 'M3 5.500 4.500 7 7 4M3 13.500 4.500 15 7 12M10 5.500h7M10 13.500h7',
  tool: 'M12.500 7.500 15.800 4.200A4.500 4.500 0 0 0 9.900 9.900L4 15.800A.9.9 0 0 0 5.300 17L11.100 11.100A4.500 4.500 0 0 0 16.800 5.200z',
  trash: 'M3.500 5.500h13M8 5.500V3.500h4v2M5 5.500l.7 11h8.600l.7-11M8.300 9v4.500M11.700 9v4.500',
} as const

export type IconName = keyof typeof SHAPES

export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 20 20"
      className={classNames('size-4 shrink-0', className)}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={SHAPES[name]} />
    </svg>
  )
}

export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={classNames('shrink-0', className)} aria-hidden="true">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <path
        className="fill-on-accent"
        d="M16 5c.9 6.900 3.600 9.900 11 11-7.400 1.100-10.100 4.100-11 11-.9-6.900-3.600-9.900-11-11 7.400-1.100 10.100-4.100 11-11z"
      />
    </svg>
  )
}
