// Public names of sottovoce/carrier: the interface to whatever moves messages, and carriers of ours (spec/06).
export { armorMessage, dearmorMessage } from "./armor.ts";
export type { Carrier, CarrierCaps, Contact, Delivery, DeliveryHandler, Epoch, PeerId } from "./carrier.ts";
export { carrierGuarantees, type Guarantee, type Guarantees } from "./guarantees.ts";
export { createMemoryNetwork, type MemoryCarrier, type MemoryNetwork, type MemoryOptions } from "./memory.ts";
export { formatMail, type IncomingMail, type OutgoingMail, parseMail } from "./mime.ts";
