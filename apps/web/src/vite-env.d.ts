/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** The URL of the repository, for the links of the start page; without it there are none. */
  readonly VITE_SOURCE_URL?: string
}
