export { isInstalled, needs } from '@skein/needs'
