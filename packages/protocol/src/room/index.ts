export * from './deadline.ts'
export { retell } from './retell.ts'
export {
  createRoom,
  type Gathering,
  type Identity,
  isEmpty,
  type Newcomer,
  type ResumeClaims,
  type Returning,
  type Room,
  type RoomEffect,
  type RoomInput,
  type RoomMember,
  type RoomOptions,
  type RoomPolicy,
  type Self,
  type Step,
} from './room.ts'
export { type Route, route } from './route.ts'
export { step } from './step.ts'
