import { defineConfig } from 'vite'

export default defineConfig({
  resolve: { conditions: ['@skein/source', 'module', 'browser', 'development|production'] },
})
