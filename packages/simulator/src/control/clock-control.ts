import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import { SimulatorError } from '../simulator-error.ts';
import { bodyOf, type ControlRoutes } from './control-request.ts';

const shown = ({ world: { clock } }: Exchange): Reply =>
  jsonReply(200, {
    now: clock.now(),
    iso: new Date(clock.now()).toISOString(),
    scale: clock.scale,
    waiting: clock.waiting,
  });

/** `{ scale }`, `{ advance }` or both: then the scale is set first. */
async function move(x: Exchange): Promise<Reply> {
  const { scale, advance, ...rest } = bodyOf(x);
  const other = Object.keys(rest)[0];
  if (other !== undefined || (scale === undefined && advance === undefined)) {
    throw new SimulatorError('invalid_request', 'give {"scale"}, {"advance"} in milliseconds, or both');
  }
  if (scale !== undefined) x.world.clock.setScale(scale as number);
  if (advance !== undefined) await x.world.clock.advance(advance as number);
  return shown(x);
}

/** Simulated time over HTTP. */
export const clockControl: ControlRoutes = { 'GET clock': shown, 'POST clock': move };
