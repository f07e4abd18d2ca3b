/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** The URL of the signaling server (`wss://…/ws`), if another host serves the page. */
  readonly VITE_SIGNAL_URL?: string
}
