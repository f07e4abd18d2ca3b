export { type MintTokenOptions, mintToken } from './mint-token.ts'
