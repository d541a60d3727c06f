// What "make types" knows of the file beside it, which "make assets" copies.
export { io } from 'socket.io-client';
