import { paraglideVitePlugin } from '@inlang/paraglide-js'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defaultClientConditions, defineConfig } from 'vite'
import { precompress } from './build/precompress.ts'
import { siteConfig } from './build/site-config.ts'
import { siteTexts } from './build/site-texts.ts'
import { socialCard } from './build/social-card.ts'

const signal = process.env.SIGNAL_URL ?? 'http://localhost:8787'

export default defineConfig({
  // Relative, so that the built site works under any path.
  base: './',
  plugins: [
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/paraglide',
      strategy: ['globalVariable', 'baseLocale'],
      isServer: 'false',
      // The same in dev and build, so that both write the same files.
      outputStructure: 'message-modules',
    }),
    svelte(),
    siteConfig(process.env.VITE_SIGNAL_URL),
    siteTexts(),
    socialCard(process.env.VITE_SITE_URL),
    precompress(),
  ],
  resolve: { conditions: ['@skein/source', ...defaultClientConditions] },
  server: {
    port: Number(process.env.WEB_PORT ?? 5173),
    strictPort: true,
    proxy: { '/ws': { target: signal, ws: true }, '/healthz': signal },
  },
  // All of these support `light-dark()`, so it is not compiled away.
  build: { target: 'es2023', cssTarget: ['chrome123', 'firefox121', 'safari17.5'] },
})
