// A network in one process: loss, duplication and reordering that repeat with their seed (spec/06, "In process").
import { SottovoceError } from "../errors.ts";
import type { Carrier, CarrierCaps, Delivery, DeliveryHandler, PeerId } from "./carrier.ts";
import { type Contacts, createContacts } from "./contacts.ts";

/** Probabilities are from 0 to 1, each decided for each copy of a message. */
export interface MemoryOptions {
  /** Decides all chances. Default 1. */
  readonly seed?: number;
  readonly loss?: number;
  readonly duplication?: number;
  /** The chance that a message overtakes one that was sent before it. */
  readonly reordering?: number;
  /** Deliver by itself, soon after sending, instead of on {@link MemoryNetwork.step}. Default false. */
  readonly automatic?: boolean;
  /** Where the rejections of handlers go when delivery is automatic; without it they are unhandled rejections. */
  readonly onError?: (error: unknown) => void;
  readonly caps?: Partial<CarrierCaps>;
}

/** A device of an account, connected to a {@link MemoryNetwork}. */
export interface MemoryCarrier extends Carrier, Contacts {
  /** Raw messages delivered to this device and not deleted. */
  readonly stored: ReadonlyMap<string, Uint8Array>;
}

export interface MemoryNetwork {
  /** Connects one more device of the account `id`. */
  join(id: PeerId): MemoryCarrier;
  /** Copies under way. */
  readonly pending: number;
  /** Delivers one copy; false when none is under way. Rejects when the handler does: the copy then stays. */
  step(): Promise<boolean>;
  /** Delivers until nothing is under way, at most `limit` copies. Resolves to how many there were. */
  run(limit?: number): Promise<number>;
  /** Sees every message once, as it is sent. Returns the function that ends it. */
  tap(observer: (message: { from: PeerId; to: PeerId; bytes: Uint8Array; id: string }) => void): () => void;
}

interface Device {
  readonly account: PeerId;
  readonly handlers: Set<DeliveryHandler>;
  readonly stored: Map<string, Uint8Array>;
  /** What arrived while nobody was subscribed. */
  readonly backlog: Delivery[];
}

interface Copy {
  readonly device: Device;
  readonly delivery: Delivery;
}

const DEFAULT_CAPS: CarrierCaps = {
  signs: false,
  thirdPartySigns: "no",
  storesCiphertext: false,
  maxMessageBytes: Number.POSITIVE_INFINITY,
  ordered: true,
  ephemeral: false,
};
const DEFAULT_RUN_LIMIT = 100_000;

/** A network in this process. Nothing is random that is not decided by the seed. */
export function createMemoryNetwork(options: MemoryOptions = {}): MemoryNetwork {
  const { loss = 0, duplication = 0, reordering = 0, automatic = false, onError } = options;
  const chance = seededChance(options.seed ?? 1);
  const caps: CarrierCaps = { ...DEFAULT_CAPS, ordered: reordering === 0, ...options.caps };
  const devices: Device[] = [];
  const queue: Copy[] = [];
  const observers = new Set<(message: { from: PeerId; to: PeerId; bytes: Uint8Array; id: string }) => void>();
  let pumping = false;

  const enqueue = (copy: Copy): void => {
    const at = chance(reordering) ? Math.floor(chance.number() * (queue.length + 1)) : queue.length;
    queue.splice(at, 0, copy);
  };
  const post = (sender: Device, to: PeerId, bytes: Uint8Array, id: string): void => {
    for (const observer of observers) observer({ from: sender.account, to, bytes: bytes.slice(), id });
    for (const device of devices) {
      const self = device.account === sender.account;
      if (device === sender || !(self || device.account === to)) continue;
      const copies = chance(loss) ? 0 : chance(duplication) ? 2 : 1;
      for (let i = 0; i < copies; i++) {
        enqueue({ device, delivery: { id, from: sender.account, bytes: bytes.slice(), self } });
      }
    }
    if (automatic) void pump();
  };
  const step = async (): Promise<boolean> => {
    const copy = queue.shift();
    if (copy === undefined) return false;
    const { device, delivery } = copy;
    if (device.handlers.size === 0) {
      device.backlog.push(delivery);
      return true;
    }
    device.stored.set(delivery.id, delivery.bytes.slice());
    try {
      for (const handler of device.handlers) await handler({ ...delivery, bytes: delivery.bytes.slice() });
    } catch (error) {
      queue.unshift(copy);
      throw error;
    }
    return true;
  };
  const pump = async (): Promise<void> => {
    if (pumping) return;
    pumping = true;
    try {
      await Promise.resolve();
      while (queue.length > 0) await step();
    } catch (error) {
      if (onError === undefined) throw error;
      onError(error);
    } finally {
      pumping = false;
    }
  };
  return {
    join(id) {
      const device: Device = { account: id, handlers: new Set(), stored: new Map(), backlog: [] };
      devices.push(device);
      const resume = (): void => {
        for (const delivery of device.backlog.splice(0)) queue.push({ device, delivery });
        if (automatic) void pump();
      };
      return connect(device, caps, (to, bytes, messageId) => post(device, to, bytes, messageId), resume);
    },
    get pending() {
      return queue.length;
    },
    step,
    async run(limit = DEFAULT_RUN_LIMIT) {
      let count = 0;
      while (count < limit && (await step())) count++;
      return count;
    },
    tap(observer) {
      observers.add(observer);
      return () => observers.delete(observer);
    },
  };
}

function connect(
  device: Device,
  caps: CarrierCaps,
  post: (to: PeerId, bytes: Uint8Array, id: string) => void,
  resume: () => void,
): MemoryCarrier {
  let epoch: Uint8Array | undefined;
  return {
    ...createContacts(),
    caps,
    stored: device.stored,
    send(to, bytes, id) {
      if (bytes.length > caps.maxMessageBytes) {
        const message = `This carrier takes ${caps.maxMessageBytes} bytes; nothing was sent.`;
        return Promise.reject(new SottovoceError("TOO_LARGE", message));
      }
      post(to, bytes, id);
      return Promise.resolve();
    },
    subscribe(handler) {
      device.handlers.add(handler);
      resume();
      return () => device.handlers.delete(handler);
    },
    delete(id) {
      device.stored.delete(id);
      return Promise.resolve();
    },
    epoch: {
      get: () => Promise.resolve(epoch?.slice()),
      set: (value) => {
        epoch = value.slice();
        return Promise.resolve();
      },
    },
  };
}

interface Chance {
  (probability: number): boolean;
  /** From 0 to below 1. */
  number(): number;
}

/** xorshift32 (Marsaglia 2003): small, the same everywhere, and good for nothing secret. */
function seededChance(seed: number): Chance {
  let state = seed >>> 0 || 1;
  const number = (): number => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 0x1_0000_0000;
  };
  return Object.assign((probability: number) => number() < probability, { number });
}
