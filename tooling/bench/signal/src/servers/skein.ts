/** The server as shipped, with the options from its argument. */
import { setFlagsFromString } from 'node:v8'
import { startServer } from '@skein/signal'
import { report } from './report.ts'

const { port } = await startServer(JSON.parse(process.argv[2] ?? '{}'))
// As the `skein-signal` command does.
setFlagsFromString('--semi-space-growth-factor=1')
report(port)
