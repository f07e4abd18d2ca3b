/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** The URL of the signaling server, if it is not `ws` beside the page. */
  readonly VITE_SIGNAL_URL?: string
}
