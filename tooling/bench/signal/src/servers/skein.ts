/** The server as it is shipped, with the options that it is given. */
import { setFlagsFromString } from 'node:v8'
import { startServer } from '@skein/signal'
import { report } from './report.ts'

const { port } = await startServer(JSON.parse(process.argv[2] ?? '{}'))
// As the command `skein-signal` does.
setFlagsFromString('--semi-space-growth-factor=1')
report(port)
