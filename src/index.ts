// The package root: the protocol core, and the interface to whatever carries it. openpgp.js stays behind sottovoce/openpgp
// (spec/01, "Public names").
export type { Carrier, CarrierCaps, Contact, Delivery, DeliveryHandler, Epoch, PeerId } from "./carrier/carrier.ts";
export { carrierGuarantees, type Guarantee, type Guarantees } from "./carrier/guarantees.ts";
export * from "./otr.ts";
