/// <reference types="vitest/config" />
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin, type ProxyOptions } from 'vite'

const COMPRESSIBLE = /\.(js|css|html|svg|json)$/
const SMALLEST_WORTH_IT = 1024

/** Lays `.br` and `.gz` beside each file of the build; services/dashboard serves the smallest. */
function precompress(): Plugin {
  let target = 'dist'
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      target = config.build.outDir
    },
    async closeBundle() {
      const entries = await readdir(target, { recursive: true, withFileTypes: true })
      for (const entry of entries) {
        if (!entry.isFile() || !COMPRESSIBLE.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        const content = await readFile(path)
        if (content.length < SMALLEST_WORTH_IT) continue
        await writeFile(`${path}.br`, brotliCompressSync(content))
        await writeFile(`${path}.gz`, gzipSync(content, { level: 9 }))
      }
    },
  }
}

function peer(name: string, port: number): string {
  return process.env[`NOVA_${name}_URL`] ?? `http://127.0.0.1:${port}`
}

/** The same five prefixes as services/dashboard; Host stays the browser's, so Origin matches. */
const proxy: Record<string, ProxyOptions> = {
  '^/api/': { target: peer('ORCHESTRATOR', 8000) },
  '^/v1/': { target: peer('LLM_GATEWAY', 8001) },
  '^/ws/': { target: peer('CHAT_API', 8080), ws: true },
  '^/recovery-api/': {
    target: peer('RECOVERY', 8888),
    rewrite: (path) => path.replace(/^\/recovery-api/, ''),
  },
  '^/memory-api/': {
    target: peer('MEMORY_SERVICE', 8002),
    rewrite: (path) => path.replace(/^\/memory-api/, ''),
  },
}

export default defineConfig({
  plugins: [react(), tailwindcss(), precompress()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { port: 5173, strictPort: true, proxy },
  build: { target: 'es2023', sourcemap: false, modulePreload: { polyfill: false } },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/mocks/test-setup.ts'],
    restoreMocks: true,
    testTimeout: 30_000,
  },
})
