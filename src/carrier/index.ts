// sottovoce/carrier: the interface to whatever moves messages, and carriers of ours (spec/06).
export type { Carrier, CarrierCaps, Contact, Delivery, DeliveryHandler, Epoch, PeerId } from "./carrier.ts";
export { createMemoryNetwork, type MemoryCarrier, type MemoryNetwork, type MemoryOptions } from "./memory.ts";
