// `node serve-directory.ts DIRECTORY PORT`: serves the files of a bundle.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, normalize } from 'node:path'

const [directory = '', port = ''] = process.argv.slice(2)

createServer(async ({ url = '/' }, response) => {
  const name = url === '/' ? 'index.html' : normalize(url)
  const file = await readFile(join(directory, name)).catch(() => null)
  response.writeHead(file === null ? 404 : 200, {
    'content-type': name.endsWith('.js') ? 'text/javascript' : 'text/html',
    'cache-control': 'no-store',
  })
  response.end(file)
}).listen(Number(port), '::')
